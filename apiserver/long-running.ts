/** Requests that last as long as their clients like (watches, streams, proxies), until the server ends. */
import { newServiceUnavailable } from '../api/meta/status-error';
import type { Exchange } from './endpoints/api-request';
import type { RequestMetrics } from './endpoints/request-metrics';
import type { HttpContext } from './http-context';

export interface LongRunning {
  /** From now on the context tells when the client or the server goes away. Gives the function that ends this. */
  begin(exchange: Exchange, context: HttpContext): () => void;
  /** Ends all of them and refuses further ones. */
  end(): void;
}

export interface LongRunningDeps {
  metrics: Pick<RequestMetrics, 'longRunning'>;
  /** Over this time one ends after the other, so that their clients do not all come to another server at once. Default 0. */
  watchTerminationMs?: number;
}

export function createLongRunning({ metrics, watchTerminationMs = 0 }: LongRunningDeps): LongRunning {
  const contexts = new Set<HttpContext>();
  let ending = false;
  return {
    begin({ response }, context) {
      if (ending) throw newServiceUnavailable('the server is shutting down');
      const gone = (): void => context.cancel(new Error('the client is gone'));
      contexts.add(context);
      const ended = metrics.longRunning(context.info);
      response.on('close', gone);
      return () => {
        response.off('close', gone);
        contexts.delete(context);
        ended();
      };
    },
    end() {
      ending = true;
      const all = [...contexts];
      for (const [index, context] of all.entries()) {
        const end = (): void => context.cancel(new Error('the server is shutting down'));
        const delayMs = (watchTerminationMs * index) / all.length;
        if (delayMs) setTimeout(end, delayMs);
        else end();
      }
    },
  };
}
