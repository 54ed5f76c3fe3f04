/**
 * What every request goes through before it is answered, in upstream's order (apiserver `pkg/server/config.go`,
 * DefaultBuildHandlerChain): request info, audit id, authentication, impersonation, limits, authorization, timeout.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { newTooManyRequests, StatusError } from '../api/meta/status-error';
import type { Logger } from '../component-base/logger';
import type { Auditor, AuditRecord } from './audit/auditor';
import { observeStart } from './audit/bodies';
import type { AuthMetrics } from './authentication/auth-metrics';
import type { Authenticator } from './authentication/authenticator';
import { impersonate } from './authentication/impersonation';
import { attributesOf, type Authorizer, newAuthorizationError } from './authorization/authorizer';
import type { Exchange } from './endpoints/api-request';
import { newRouteNotFound, serveResource } from './endpoints/dispatch';
import type { RequestMetrics } from './endpoints/request-metrics';
import { announceAnswer, sendError } from './endpoints/respond';
import { isLongRunning, type Limiter, type Release } from './flow-control/in-flight';
import { exchangeOf } from './exchange';
import { HttpContext } from './http-context';
import { createLongRunning } from './long-running';
import { isResourcePath, parseRequestInfo } from './request-info';
import type { RequestInfo, UserInfo } from './request-context';
import { serveInTime, timeLimitOf } from './request-timeout';
import { responseOn, serveUpgrade, type UpgradeDeps } from './upgrade';

export interface ChainDeps extends UpgradeDeps {
  authenticate: Authenticator;
  authorizer: Authorizer;
  /** Undefined when nothing is to be recorded. */
  audit?: Auditor;
  limiter: Limiter;
  /** Counts what is in flight. */
  inFlight(info: RequestInfo, by: 1 | -1): void;
  metrics: RequestMetrics;
  authMetrics: AuthMetrics;
  log: Logger;
  /** Upstream's --request-timeout. */
  requestTimeoutMs: number;
  /** Upstream's --shutdown-watch-termination-grace-period: watches end one after the other over this time. */
  watchTerminationMs?: number;
  /** Upstream's --shutdown-send-retry-after: what comes in while the server ends is sent elsewhere. */
  refuseWhenStopping?: boolean;
  /** Serves every path that is no resource; the request was allowed. */
  serveNonResource(exchange: Exchange): Promise<void>;
}

export interface HandlerChain {
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends what would last as long as its client likes; `active` then goes down to 0. */
  endLongRunning(): void;
  readonly active: number;
  /** Whether requests that still come in are answered with 429 then, instead of by nobody. */
  readonly refusesWhenStopping: boolean;
}

export function createHandlerChain(deps: ChainDeps): HandlerChain {
  const longRunning = createLongRunning(deps);
  let active = 0;
  let stopping = false;

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    run(request, response, (exchange, context) => {
      const passOn = deps.aggregator.find(exchange.path);
      if (passOn) {
        announceAnswer(exchange);
        return passOn(exchange, context.user);
      }
      if (context.info.isResourceRequest) return serveResource(exchange, context, deps);
      if (isResourcePath(exchange.path)) throw newRouteNotFound();
      return deps.serveNonResource(exchange);
    });
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const response = responseOn(socket, request);
    run(request, response, (exchange, context) => serveUpgrade(exchange, context, deps, socket, head));
  };

  type Serve = (exchange: Exchange, context: HttpContext) => Promise<void> | void;

  function run(request: IncomingMessage, response: ServerResponse, serve: Serve): void {
    active++;
    // Clients are to come back to another server.
    if (stopping) response.shouldKeepAlive = false;
    const ended = (): void => void active--;
    pass(request, response, serve).then(ended, (error: unknown) => {
      ended();
      deps.log.error({ err: error }, 'Request handler failed');
      response.destroy();
    });
  }

  async function pass(request: IncomingMessage, response: ServerResponse, serve: Serve): Promise<void> {
    const started = performance.now();
    const exchange = exchangeOf(request, response);
    let info: RequestInfo | undefined;
    let context: HttpContext | undefined;
    let leave: Release | undefined;
    let stopFollowing: (() => void) | undefined;
    let code: number | undefined;
    let record: AuditRecord | undefined;
    try {
      info = parseRequestInfo(request.method ?? 'GET', exchange.path, exchange.query);
      const long = isLongRunning(info);
      const limitMs = long ? Infinity : timeLimitOf(exchange.query, deps.requestTimeoutMs);
      if (stopping && deps.refuseWhenStopping) {
        exchange.tally.terminated = true;
        throw newTooManyRequests('The apiserver is shutting down, please try again later.', 5);
      }
      const authenticated = await authenticate(exchange, info);
      record = deps.audit?.begin(exchange, info, authenticated, long);
      if (long && record) observeStart(response, record.responseStarted);
      const user = await impersonate(request, authenticated, deps.authorizer);
      if (user !== authenticated) record?.impersonates(user);
      context = new HttpContext(user, info, exchange, deps.log, record);
      const turn = takeTurn(exchange, info, user);
      leave = typeof turn === 'function' ? turn : await turn;
      const attributes = attributesOf(info);
      const { decision, reason } = await deps.authorizer.authorize(user, attributes);
      deps.authMetrics.authorized(decision === 'allow' ? 'allowed' : decision === 'deny' ? 'denied' : decision);
      record?.annotate('authorization.k8s.io/decision', decision === 'allow' ? 'allow' : 'forbid');
      record?.annotate('authorization.k8s.io/reason', reason);
      if (decision !== 'allow') throw newAuthorizationError(user, attributes, reason);
      if (long) {
        stopFollowing = longRunning.begin(exchange, context);
        await serve(exchange, context);
      } else await serveInTime(exchange, context, limitMs, serve.bind(undefined, exchange, context));
    } catch (error) {
      const failure = fail(exchange, error, context);
      code = failure.code;
      record?.complete(code, failure, !(error instanceof StatusError) && !context?.signal.aborted);
    } finally {
      stopFollowing?.();
      leave?.();
      record?.complete(response.statusCode);
      if (info) {
        const seconds = (performance.now() - started) / 1000;
        const { tally } = exchange;
        deps.metrics.finished(info, tally, context?.dryRun ?? false, code ?? response.statusCode, seconds);
      }
    }
  }

  /** Waits for the request's turn, if it has to. */
  function takeTurn(exchange: Exchange, info: RequestInfo, user: UserInfo): Release | Promise<Release> {
    const { tally } = exchange;
    const refused = (error: unknown): never => {
      tally.terminated = true;
      throw error;
    };
    try {
      const turn = enter(exchange, info, user);
      if (typeof turn === 'function') return turn;
      const started = performance.now();
      return turn.catch(refused).finally(() => (tally.queuedSeconds = (performance.now() - started) / 1000));
    } catch (error) {
      return refused(error);
    }
  }

  /** What a watch holds is given back when it begins to answer. */
  function enter(exchange: Exchange, info: RequestInfo, user: UserInfo): Release | Promise<Release> {
    const { query, response } = exchange;
    const turn = deps.limiter.enter({
      info,
      user,
      query,
      response,
      classified: (schemaUid, levelUid) => (exchange.flow = { schemaUid, levelUid }),
    });
    if (isLongRunning(info)) return info.verb === 'watch' ? untilAnswered(response, turn) : turn;
    const counted = (leave: Release): Release => {
      deps.inFlight(info, 1);
      return () => {
        deps.inFlight(info, -1);
        leave();
      };
    };
    return typeof turn === 'function' ? counted(turn) : turn.then(counted);
  }

  async function authenticate(exchange: Exchange, info: RequestInfo): Promise<UserInfo> {
    try {
      const user = await deps.authenticate(exchange.request);
      deps.authMetrics.authenticated('success');
      return user;
    } catch (error) {
      deps.authMetrics.authenticated('failure');
      deps.audit?.refused(exchange, info, error instanceof StatusError ? error.code : 500);
      throw error;
    }
  }

  /** Upstream's panic recovery is here too: whatever is thrown becomes a Status, and the process lives on. */
  function fail(exchange: Exchange, error: unknown, context: HttpContext | undefined): StatusError {
    const { response } = exchange;
    const abandoned = response.destroyed || context?.signal.aborted;
    if (response.writableEnded || (abandoned && response.headersSent)) {
      return error instanceof StatusError ? error : new StatusError(response.statusCode, '', '');
    }
    const failure = sendError(exchange, error);
    // That somebody else is away is not this server's failure, nor is what upstream answers by 500 without a reason: a patch it refuses.
    if (failure.code >= 500 && failure.code !== 503 && failure.reason && !abandoned) {
      deps.log.error({ err: error, path: exchange.path, auditId: exchange.auditId }, 'Request failed');
    }
    return failure;
  }

  return {
    handle,
    upgrade,
    endLongRunning() {
      stopping = true;
      longRunning.end();
    },
    get active() {
      return active;
    },
    refusesWhenStopping: deps.refuseWhenStopping ?? false,
  };
}

/** The same turn, ended by the first bytes of the answer or by the end of the request, whatever comes first. */
async function untilAnswered(response: ServerResponse, turn: Release | Promise<Release>): Promise<Release> {
  let leave: Release | undefined = await turn;
  const once = (): void => {
    leave?.();
    leave = undefined;
  };
  observeStart(response, once);
  return once;
}
