/**
 * `/debug/pprof/`: profiles of the running server, as upstream offers them with --profiling, in the form of V8: `.cpuprofile` and
 * `.heapprofile` files open in the developer tools of a browser.
 */
import { Session } from 'node:inspector/promises';
import type { Express, Request, Response } from 'express';
import { newBadRequest, newTooManyRequests } from '../../api/meta/status-error';
import { type RouteSet, exchangeOf, sendText } from './non-resource';
import { headersOf, sendError } from './respond';

const root = '/debug/pprof';
const defaultSeconds = { cpu: 30, heap: 1 };
const maxSeconds = 300;

/** Resolves after so many seconds, or when the client is gone. */
const elapsed = (seconds: number, response: Response): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    response.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });

async function profileCpu(session: Session, seconds: number, response: Response): Promise<unknown> {
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  await elapsed(seconds, response);
  const { profile } = await session.post('Profiler.stop');
  await session.post('Profiler.disable');
  return profile;
}

async function profileHeap(session: Session, seconds: number, response: Response): Promise<unknown> {
  await session.post('HeapProfiler.enable');
  await session.post('HeapProfiler.startSampling', { samplingInterval: 32_768 });
  await elapsed(seconds, response);
  const { profile } = await session.post('HeapProfiler.stopSampling');
  await session.post('HeapProfiler.disable');
  return profile;
}

export function createProfilingRoutes(): RouteSet {
  let busy = false;

  /** One at a time: profiles slow the server down, and would see each other. */
  const serve =
    (kind: 'cpu' | 'heap', profile: (session: Session, seconds: number, response: Response) => Promise<unknown>) =>
    async (request: Request, response: Response): Promise<void> => {
      const exchange = exchangeOf(response);
      const seconds = Number(exchange.query.get('seconds') ?? defaultSeconds[kind]);
      if (!(seconds > 0 && seconds <= maxSeconds)) {
        return void sendError(exchange, newBadRequest(`seconds must be between 0 and ${maxSeconds}`));
      }
      if (busy) return void sendError(exchange, newTooManyRequests('another profile is being made', 5));
      busy = true;
      const session = new Session();
      try {
        session.connect();
        const body = Buffer.from(JSON.stringify(await profile(session, seconds, response)));
        if (response.headersSent || response.destroyed) return;
        const headers = headersOf(exchange, 'application/octet-stream');
        headers.push('Content-Disposition', `attachment; filename="kube-apiserver.${kind}profile"`);
        headers.push('Content-Length', String(body.length));
        response.writeHead(200, headers);
        response.end(request.method === 'HEAD' ? undefined : body);
      } finally {
        session.disconnect();
        busy = false;
      }
    };

  return {
    paths: () => [root, `${root}/heap`, `${root}/profile`],
    mount(app: Express) {
      app.get(root, (_request, response) =>
        sendText(response, 200, `profile\t${root}/profile?seconds=30\nheap\t${root}/heap?seconds=1\n`),
      );
      app.get(`${root}/profile`, serve('cpu', profileCpu));
      app.get(`${root}/heap`, serve('heap', profileHeap));
      app.get(`${root}/cmdline`, (_request, response) => sendText(response, 200, process.argv.join('\0')));
    },
  };
}
