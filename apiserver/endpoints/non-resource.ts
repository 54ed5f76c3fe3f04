/** Everything that is no resource: health, metrics, version, discovery, OpenAPI, token keys and debugging, on express. */
import express, { type Express, type NextFunction, type Request, type Response, text } from 'express';
import { StatusError } from '../../api/meta/status-error';
import type { Health } from '../../component-base/health';
import type { Logger } from '../../component-base/logger';
import type { Metrics } from '../../component-base/metrics';
import { version } from '../../component-base/version';
import type { Exchange } from './api-request';
import { newMethodNotAllowed } from './dispatch';
import { headersOf, sendError, sendObject } from './respond';

/** A group of routes that is mounted on the server's express app, such as discovery and OpenAPI. */
export interface RouteSet {
  /** What `/` lists. */
  paths(): string[];
  mount(app: Express): void;
}

export interface NonResourceDeps {
  health: Health;
  metrics: Metrics;
  log: Logger;
  /** Documents by which others verify our tokens, under their paths. */
  openid: Readonly<Record<string, object>>;
  routes: readonly RouteSet[];
}

const healthPaths = ['/healthz', '/livez', '/readyz'];

/** The exchange behind an express response: put there before express takes over. */
export const exchangeOf = (response: Response): Exchange => response.locals.exchange as Exchange;

/** Answers with a plain text. */
export function sendText(
  response: Response,
  code: number,
  body: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  const bytes = Buffer.from(body);
  const headers = headersOf(exchangeOf(response), contentType);
  headers.push('X-Content-Type-Options', 'nosniff', 'Content-Length', String(bytes.length));
  response.writeHead(code, headers);
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Gives the function that answers one exchange; it resolves when the answer is written or the client is gone. */
export function createNonResource(deps: NonResourceDeps): (exchange: Exchange) => Promise<void> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');

  const serveHealth = async (request: Request, response: Response): Promise<void> => {
    const answer = await deps.health.handle(request.originalUrl);
    if (answer) sendText(response, answer.code, answer.body);
    else sendText(response, 404, '404 page not found\n');
  };
  for (const path of healthPaths) {
    app.get(path, serveHealth);
    app.get(`${path}/{*check}`, serveHealth);
  }
  app.get('/metrics', async (_request, response) => {
    sendText(response, 200, await deps.metrics.text(), deps.metrics.contentType);
  });
  app.get('/version', (_request, response) => sendObject(exchangeOf(response), 200, versionInfo()));
  for (const [path, document] of Object.entries(deps.openid)) {
    app.get(path, (_request, response) => sendObject(exchangeOf(response), 200, document));
  }
  app.put('/debug/flags/v', text({ type: () => true, limit: 16 }), (request, response) =>
    setVerbosity(deps.log, request, response),
  );
  for (const routes of deps.routes) routes.mount(app);

  const paths = (): string[] =>
    [
      ...deps.routes.flatMap((routes) => routes.paths()),
      ...healthPaths,
      ...Object.keys(deps.openid),
      '/debug/flags/v',
      '/metrics',
      '/version',
    ].sort();
  app.get('/', (_request, response) => sendObject(exchangeOf(response), 200, { paths: paths() }));
  app.use((request, response) => {
    if (request.method === 'GET') return sendObject(exchangeOf(response), 404, { paths: paths() });
    sendError(exchangeOf(response), newMethodNotAllowed());
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const code = (error as { statusCode?: number }).statusCode;
    const known = error instanceof StatusError || code === undefined;
    sendError(exchangeOf(response), known ? error : new StatusError(code, '', (error as Error).message));
  });

  return (exchange) =>
    new Promise((resolve) => {
      const { request, response } = exchange;
      (response as Response).locals = { exchange };
      response.on('close', resolve);
      app(request as Request, response as Response);
    });
}

/** Upstream's `/version`; the fields about Go tell what stands in for it here. */
const versionInfo = (): object => ({
  ...version,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node${process.version}`,
  compiler: 'tsc',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
});

/** Upstream: `PUT /debug/flags/v` with klog's verbosity in the body. */
function setVerbosity(log: Logger, request: Request, response: Response): void {
  const verbosity = Number(request.body);
  if (!Number.isInteger(verbosity) || verbosity < 0) {
    return sendText(response, 400, `unrecognized verbosity ${JSON.stringify(String(request.body))}\n`);
  }
  log.level = verbosity >= 6 ? 'trace' : verbosity >= 2 ? 'debug' : 'info';
  sendText(response, 200, `successfully set klog.logging.verbosity to ${verbosity}\n`);
}
