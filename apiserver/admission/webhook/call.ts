/** One call of one hook: the review, the answer, and what the answer says beside its verdict. */
import { randomUUID } from 'node:crypto';
import { newBadRequest, newInternalError, StatusError } from '../../../api/meta/status-error';
import type { Clock } from '../../../component-base/clock';
import { WebhookCallError, type WebhookClient } from '../../webhook-client';
import type { RequestVersion, ServedRequest } from '../dynamic/served-request';
import type { Hook } from './hooks';
import type { WebhookKind, WebhookMetrics } from './metrics';
import { type AdmissionAnswer, createReview, reviewVersionOf, UndecodablePatch, verifyAnswer } from './review';

/** The webhook could not be asked, or its answer cannot be used: the failure policy decides. */
export class CallingWebhookError extends Error {
  override readonly name = 'CallingWebhookError';

  constructor(
    webhook: string,
    reason: string,
    readonly code: number,
    options?: ErrorOptions,
  ) {
    super(`failed calling webhook ${JSON.stringify(webhook)}: ${reason}`, options);
  }
}

export interface CallDeps {
  client: WebhookClient;
  clock: Clock;
  kind: WebhookKind;
  metrics: WebhookMetrics;
}

const defaultTimeoutSeconds = 10;
const maxAnswerBytes = 10 * 1024 * 1024;

/**
 * Asks the hook and lets `use` apply its answer; gives what `use` gives. Undefined when the hook failed and may be ignored:
 * then the audit log says so, under `auditKey`.
 * Throws the StatusError that refuses the request.
 */
export async function callHook<R>(
  deps: CallDeps,
  hook: Hook,
  request: ServedRequest,
  matched: RequestVersion,
  auditKey: string,
  use: (answer: AdmissionAnswer) => Promise<R> | R,
): Promise<R | undefined> {
  const { name, failurePolicy } = hook.webhook;
  const { operation, context } = request.attributes;
  const startedMs = deps.clock.now();
  const observe = (rejected: boolean, code: number): void => {
    const seconds = (deps.clock.now() - startedMs) / 1000;
    deps.metrics.called(name, deps.kind, operation, seconds, rejected, code);
    context.webhookTook?.(deps.kind, seconds);
  };
  try {
    const answer = await ask(deps, hook, request, matched);
    announce(hook, request, answer);
    if (!answer.allowed) throw denial(name, answer.result);
    const result = await use(answer);
    observe(false, 200);
    return result;
  } catch (error) {
    if (error instanceof CallingWebhookError) {
      const ignored = failurePolicy === 'Ignore';
      observe(!ignored, error.code);
      if (!ignored) {
        deps.metrics.rejected(name, deps.kind, operation, 'calling_webhook_error', error.code);
        throw newInternalError(error);
      }
      deps.metrics.failedOpen(name, deps.kind);
      context.annotateAudit?.(`failed-open.${auditKey}`, name);
      context.log.warn({ webhook: name, err: error }, 'Failed calling webhook, failing open');
      return undefined;
    }
    const known = error instanceof StatusError;
    observe(true, known ? error.code : 0);
    deps.metrics.rejected(
      name,
      deps.kind,
      operation,
      known ? 'no_error' : 'apiserver_internal_error',
      known ? error.code : 0,
    );
    throw error;
  }
}

async function ask(
  { client, kind }: CallDeps,
  { webhook }: Hook,
  request: ServedRequest,
  matched: RequestVersion,
): Promise<AdmissionAnswer> {
  const { name, sideEffects, timeoutSeconds = defaultTimeoutSeconds, clientConfig } = webhook;
  const { context } = request.attributes;
  if (context.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    throw newBadRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  const fail = (reason: string, code: number, cause?: unknown): CallingWebhookError =>
    new CallingWebhookError(name, reason, code, { cause });
  const version = reviewVersionOf(webhook.admissionReviewVersions);
  if (!version) {
    throw fail(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
      400,
    );
  }
  const uid = randomUUID();
  const review = await createReview(version, uid, request, matched);
  let body: unknown;
  try {
    const options = { timeoutMs: timeoutSeconds * 1000, signal: context.signal, maxResponseBytes: maxAnswerBytes };
    body = await client.call(clientConfig, review, options);
  } catch (error) {
    if (!(error instanceof WebhookCallError)) throw error;
    throw fail(`failed to call webhook: ${error.message}`, error.status?.code ?? 503, error);
  }
  try {
    return verifyAnswer(version, uid, kind === 'admit', body);
  } catch (error) {
    const what =
      error instanceof UndecodablePatch ? 'undecodable patch in webhook response' : 'invalid webhook response';
    throw fail(`received ${what}: ${(error as Error).message}`, 503, error);
  }
}

/** Upstream bounds what all warnings of a response may take; one of them is cut like this. */
const maxWarningLength = 4096;

function announce({ webhook }: Hook, { attributes }: ServedRequest, answer: AdmissionAnswer): void {
  for (const warning of answer.warnings) attributes.context.warn(warning.slice(0, maxWarningLength));
  for (const [key, value] of Object.entries(answer.auditAnnotations)) {
    attributes.context.annotateAudit?.(`${webhook.name}/${key}`, value);
  }
}

/** Pure: upstream's `errors.ToStatusErr`. */
export function denial(name: string, result: AdmissionAnswer['result'] = {}): StatusError {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = result.message || result.reason;
  const code = typeof result.code === 'number' && result.code >= 400 && result.code < 600 ? result.code : 400;
  return new StatusError(
    code,
    (result.reason ?? '') as StatusError['reason'],
    why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`,
    typeof result.details === 'object' ? (result.details ?? undefined) : undefined,
  );
}
