import { createHealth } from '../../../component-base/health';
import { createLogger } from '../../../component-base/logger';
import { createMetrics } from '../../../component-base/metrics';
import { startServing } from '../../../component-base/serving';

describe('startServing', () => {
  const stop = new AbortController();
  const start = (port = 0) =>
    startServing({
      address: '127.0.0.1',
      port,
      health: createHealth(),
      metrics: createMetrics({ process: false }),
      authorize: async (request) =>
        request.headers.authorization ? undefined : { code: 403, message: 'forbidden: User "system:anonymous"' },
      log: createLogger('test'),
      signal: stop.signal,
    });
  afterAll(() => stop.abort());

  it('serves health to everyone and metrics to whom it may', async () => {
    const { port } = await start();
    const get = async (path: string, headers = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      return { status: answer.status, body: await answer.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok' });
    expect((await get('/metrics')).status).toBe(403);
    expect((await get('/metrics', { authorization: 'Bearer x' })).status).toBe(200);
    expect((await get('/other', { authorization: 'Bearer x' })).status).toBe(404);
  });

  it('says in one sentence that the port is taken', async () => {
    const { port } = await start();
    await expect(start(port)).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is already in use`);
  });
});
