/**
 * Records requests as audit events, stage by stage, as far as the policy wants them. Upstream: apiserver
 * `pkg/endpoints/filters/audit.go`. A request that the policy leaves out has no record and costs one look at the rules.
 */
import type { Clock } from '../../component-base/clock';
import { formatMicroTime } from '../../component-base/clock';
import type { Metrics } from '../../component-base/metrics';
import type { StatusError } from '../../api/meta/status-error';
import type { Exchange } from '../endpoints/api-request';
import type { RequestInfo, UserInfo } from '../request-context';
import { type ObservedRequest, observeAnswer, parseRecorded } from './bodies';
import type { LogFile } from './log-file';
import { type AuditDecision, createAuditEvaluator } from './policy';
import type { AuditEvent, AuditPolicy, AuditStage, AuditUser } from './types';

/** The record of one request. */
export interface AuditRecord {
  impersonates(user: UserInfo): void;
  /** Adds an annotation; the first value of a key stays, as upstream. */
  annotate(key: string, value: string): void;
  /** A long-running request is being answered. */
  responseStarted(code: number): void;
  /** `failure` is the Status that was answered; `panic` when it came from an error nobody expected. */
  complete(code: number, failure?: StatusError, panic?: boolean): void;
}

export interface Auditor {
  /** Undefined when the policy records nothing of the request. */
  begin(exchange: Exchange, info: RequestInfo, user: UserInfo, longRunning: boolean): AuditRecord | undefined;
  /** A request whose credentials were refused. */
  refused(exchange: Exchange, info: RequestInfo, code: number): void;
  /** Resolves when everything recorded is written. */
  flush(): Promise<void>;
}

export interface AuditorDeps {
  policy: AuditPolicy;
  sink: LogFile;
  clock: Clock;
  metrics: Metrics;
}

const auditUser = ({ name, uid, groups, extra }: UserInfo): AuditUser => ({
  username: name,
  ...(uid && { uid }),
  ...(groups.length && { groups }),
  ...(extra && { extra }),
});

export function createAuditor({ policy, sink, clock, metrics }: AuditorDeps): Auditor {
  const evaluate = createAuditEvaluator(policy);
  const events = metrics.counter({
    name: 'apiserver_audit_event_total',
    help: 'Counter of audit events generated and sent to the audit backend.',
  });
  const byLevel = metrics.counter({
    name: 'apiserver_audit_level_total',
    help: 'Counter of policy levels for audit events (1 per request).',
    labels: ['level'],
  });

  const emit = (event: AuditEvent, { omitStages }: AuditDecision, finish?: (event: AuditEvent) => void): void => {
    if (omitStages.has(event.stage)) return;
    events.inc();
    sink.write(() => {
      finish?.(event);
      return JSON.stringify(event);
    });
  };
  const decide = (info: RequestInfo, user: UserInfo | undefined): AuditDecision | undefined => {
    const decision = evaluate(info, user);
    byLevel.inc({ level: decision?.level ?? 'None' });
    return decision;
  };
  const now = (): string => formatMicroTime(clock.now());

  return {
    begin(exchange, info, user, longRunning) {
      const decision = decide(info, user);
      if (!decision) return undefined;
      const base = eventOf(exchange, info, decision, now());
      base.user = auditUser(user);
      let requestBody: Buffer | undefined;
      let responseBody: Buffer | undefined;
      let over = false;
      if (decision.level === 'Request' || decision.level === 'RequestResponse') {
        (exchange.request as ObservedRequest).observeBody = (body) => (requestBody = body);
      }
      if (decision.level === 'RequestResponse' && !longRunning) {
        observeAnswer(exchange.request, exchange.response, (body) => (responseBody = body));
      }
      const stage = (name: AuditStage, change: Partial<AuditEvent>): void => {
        // Annotations may grow after this stage was recorded.
        const annotations = base.annotations && { annotations: { ...base.annotations } };
        emit({ ...base, ...change, ...annotations, stage: name, stageTimestamp: now() }, decision, (event) => {
          if (name === 'RequestReceived') return;
          event.requestObject = parseRecorded(requestBody, decision.omitManagedFields);
          event.responseObject = parseRecorded(responseBody, decision.omitManagedFields);
        });
      };
      stage('RequestReceived', {});
      return {
        impersonates(identity) {
          base.impersonatedUser = auditUser(identity);
        },
        annotate(key, value) {
          base.annotations ??= {};
          base.annotations[key] ??= value;
        },
        responseStarted: (code) => stage('ResponseStarted', { responseStatus: { metadata: {}, code } }),
        complete(code, failure, panic) {
          if (over) return;
          over = true;
          stage(panic ? 'Panic' : 'ResponseComplete', { responseStatus: statusOf(code, failure) });
        },
      };
    },
    refused(exchange, info, code) {
      const decision = decide(info, undefined);
      if (!decision) return;
      // The authenticator has taken the token out of the headers.
      const attempted = exchange.request.rawHeaders.some((text) => /^bearer /i.test(text)) ? 'bearer' : 'x509';
      const at = now();
      emit(
        {
          ...eventOf(exchange, info, decision, at),
          stage: 'ResponseStarted',
          stageTimestamp: at,
          responseStatus: {
            metadata: {},
            status: 'Failure',
            message: `Authentication failed, attempted: ${attempted}`,
            code,
          },
        },
        decision,
      );
    },
    flush: () => sink.flush(),
  };
}

function eventOf(exchange: Exchange, info: RequestInfo, decision: AuditDecision, at: string): AuditEvent {
  const { request, auditId } = exchange;
  const sourceIPs = sourceIpsOf(request.headers, request.socket.remoteAddress);
  const userAgent = request.headers['user-agent'];
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: decision.level,
    auditID: auditId,
    stage: 'RequestReceived',
    requestURI: request.url ?? '/',
    verb: info.verb,
    user: {},
    ...(sourceIPs.length && { sourceIPs }),
    // Upstream cuts long ones.
    ...(userAgent && { userAgent: userAgent.length > 1024 ? `${userAgent.slice(0, 1024)}...TRUNCATED` : userAgent }),
    ...(info.isResourceRequest && {
      objectRef: {
        resource: info.resource,
        ...(info.namespace && { namespace: info.namespace }),
        ...(info.name && { name: info.name }),
        ...(info.apiGroup && { apiGroup: info.apiGroup }),
        apiVersion: info.apiVersion,
        ...(info.subresource && { subresource: info.subresource }),
      },
    }),
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  };
}

/** What proxies say they forward for, then who is really connected. */
function sourceIpsOf(headers: Record<string, string | string[] | undefined>, remote: string | undefined): string[] {
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const real = String(headers['x-real-ip'] ?? '').trim();
  const own = (remote ?? '').replace(/^::ffff:/, '');
  const all = [...forwarded, ...(real ? [real] : []), ...(own ? [own] : [])];
  return all.filter((address, index) => all.indexOf(address) === index);
}

function statusOf(code: number, failure: StatusError | undefined): AuditEvent['responseStatus'] {
  if (!failure) return { metadata: {}, code };
  const { message, reason, details } = failure.status;
  return {
    metadata: {},
    status: 'Failure',
    ...(message && { message }),
    ...(reason && { reason }),
    ...(details && { details }),
    code: failure.code,
  };
}
