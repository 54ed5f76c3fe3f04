/** The RequestContext of one HTTP request. Signal and logger are made when first asked for: most requests need neither. */
import type { Logger } from '../component-base/logger';
import type { AuditRecord } from './audit/auditor';
import { isDryRun } from './endpoints/options';
import type { Exchange } from './endpoints/api-request';
import type { Cancellable, RequestContext, RequestInfo, UserInfo } from './request-context';

export class HttpContext implements RequestContext, Cancellable {
  readonly userAgent: string;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  private controller: AbortController | undefined;
  private cancelled: Error | undefined;
  private callbacks: (() => void)[] | undefined;
  private childLog: Logger | undefined;

  constructor(
    readonly user: UserInfo,
    readonly info: RequestInfo,
    private readonly exchange: Exchange,
    private readonly parentLog: Logger,
    private readonly audit?: AuditRecord,
  ) {
    this.userAgent = exchange.request.headers['user-agent'] ?? '';
    this.dryRun = exchange.query.has('dryRun') && isDryRun(exchange.query);
    this.fieldManager = exchange.query.get('fieldManager') ?? '';
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.cancelled) this.controller.abort(this.cancelled);
    }
    return this.controller.signal;
  }

  get log(): Logger {
    return (this.childLog ??= this.parentLog.child({ auditId: this.exchange.auditId }));
  }

  warn(message: string): void {
    if (!this.exchange.warnings.includes(message)) this.exchange.warnings.push(message);
  }

  annotateAudit(key: string, value: string): void {
    this.audit?.annotate(key, value);
  }

  webhookTook(kind: 'admit' | 'validating', seconds: number): void {
    const { tally } = this.exchange;
    if (kind === 'admit') tally.mutatingSeconds += seconds;
    else tally.validatingSeconds = Math.max(tally.validatingSeconds, seconds);
  }

  onCancel(callback: () => void): () => void {
    if (this.cancelled) {
      callback();
      return () => undefined;
    }
    // Nearly always one: an array that grows would have room for many.
    this.callbacks = this.callbacks ? [...this.callbacks, callback] : [callback];
    return () => {
      this.callbacks = this.callbacks?.filter((other) => other !== callback);
    };
  }

  /** The client is gone, the time is over or the server stops. */
  cancel(reason: Error): void {
    this.cancelled ??= reason;
    const callbacks = this.callbacks ?? [];
    this.callbacks = undefined;
    for (const callback of callbacks) callback();
    this.controller?.abort(reason);
  }
}
