import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../../component-base/clock';
import { runHook } from '../../../../kubelet/pods/lifecycle-hooks';

const target = { pod: 'web_default(u1)', containerId: 'c1', container: { name: 'app' }, podIp: '127.0.0.1' };
const deps = { runtime: {} as never, clock: systemClock };
const signal = new AbortController().signal;

describe('a lifecycle hook', () => {
  it('tells what failed, where', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(runHook(deps, { httpGet: { path: '/bye', port: port as never } }, target, signal)).rejects.toThrow(
      'HTTP lifecycle hook (/bye) for Container "app" in Pod "web_default(u1)" failed - error: unexpected HTTP status code: 500',
    );
    server.close();
  });

  it('ends with the signal that ends its time', async () => {
    const stop = new AbortController();
    const sleeping = runHook(deps, { sleep: { seconds: 600 } }, target, stop.signal);
    stop.abort(new Error('the grace period is over'));
    await expect(sleeping).rejects.toThrow('the grace period is over');
  });
});
