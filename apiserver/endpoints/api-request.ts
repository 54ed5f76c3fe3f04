/** One request on its way through the verbs: the exchange itself, who asks for what, and the store that answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Store } from '../registry/store';
import type { Cancellable, RequestContext } from '../request-context';
import type { ServedResource } from './served-resource';

/** What metrics tell of a request once it is over. */
export interface RequestTally {
  /** Of the answer's body, as sent; undefined when it was not counted. */
  sentBytes: number | undefined;
  /** Waited for its turn. */
  queuedSeconds: number;
  /** Mutating webhooks took, one after the other. */
  mutatingSeconds: number;
  /** The slowest of the validating webhooks took: they are asked at once. */
  validatingSeconds: number;
  /** The server ended it in its own defence: too many at once, or too slow. */
  terminated: boolean;
}

/** A request and its answer, with what every answer needs, also those of the filters before authentication. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly auditId: string;
  /** Texts for `Warning` headers. */
  readonly warnings: string[];
  readonly tally: RequestTally;
  /** Where API priority and fairness has put the request. */
  flow?: { schemaUid: string; levelUid: string };
}

export interface ApiRequest extends Exchange {
  readonly context: RequestContext & Cancellable;
  readonly resource: ServedResource;
  readonly store: Store;
}

/** The URL's namespace for namespaced kinds, '' for the others (a Namespace's own name stands there in the path). */
export const namespaceOf = ({ context, resource }: ApiRequest): string =>
  resource.definition.namespaced ? context.info.namespace : '';
