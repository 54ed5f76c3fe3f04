/** What is known of a request once it has been parsed and authenticated; handed to every layer below the server. */
import type { Logger } from '../component-base/logger';

/** Who asks: upstream's `user.Info`. */
export interface UserInfo {
  name: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

/** The parsed path and verb: upstream's `request.RequestInfo`. */
export interface RequestInfo {
  isResourceRequest: boolean;
  path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; the lower-case method for non-resource paths. */
  verb: string;
  /** `api` or `apis`. */
  apiPrefix: string;
  apiGroup: string;
  apiVersion: string;
  namespace: string;
  resource: string;
  subresource: string;
  name: string;
  /** Path segments from the resource on: `['pods', 'web', 'log']`; more than three for proxies. */
  parts: string[];
  labelSelector?: string;
  fieldSelector?: string;
}

export interface RequestContext {
  user: UserInfo;
  info: RequestInfo;
  userAgent: string;
  /** `fieldManager` of the query; without it, the user agent tells who owns what is written. */
  fieldManager?: string;
  /** `dryRun=All`: everything but the write to storage happens. */
  dryRun: boolean;
  /** Aborts when the client goes away or the request times out. */
  signal: AbortSignal;
  /** Adds a `Warning: 299` header to the answer. */
  warn(message: string): void;
  /** Adds an annotation to the request's audit event, if it has one. The first value of a key stays. */
  annotateAudit?(key: string, value: string): void;
  /** An admission webhook took this long: the server's own latency is told without it. */
  webhookTook?(kind: 'admit' | 'validating', seconds: number): void;
  log: Logger;
}

/** What may be told to end before it is through. */
export interface Cancellable {
  /**
   * Calls back once when the client goes away, the time is over or the server stops; at once if that was before. Gives the
   * function that ends it. Costs less than a signal, which counts where thousands wait.
   */
  onCancel(callback: () => void): () => void;
}

/** The same request with another word on whether to write: DeleteOptions in a body say so only once it is read. */
export const withDryRun = (context: RequestContext, dryRun: boolean): RequestContext =>
  dryRun === context.dryRun
    ? context
    : (Object.create(context, {
        dryRun: { value: dryRun, enumerable: true },
        // Made when it is first asked for, by the one context that is told of the end.
        signal: { get: () => context.signal, enumerable: true },
      }) as RequestContext);
