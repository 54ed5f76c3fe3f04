/** Large requests on connections whose last large answer the server does not yet know to be written. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import type { HandlerChain } from '../../../apiserver/handler-chain';
import { listen } from '../../../apiserver/server';
import { systemClock } from '../../../component-base/clock';
import { createMetrics } from '../../../component-base/metrics';
import { createServingTls } from '../../../component-base/tls';
import { ensureAuthority, ensureLeaf } from '../../../deploy/pki';

/** In a thread of its own: the next request must arrive while the server's is still busy with the last answer. */
const client = `
  const https = require('node:https');
  const { workerData: port, parentPort } = require('node:worker_threads');
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 2 });
  const body = 'x'.repeat(40_000);
  const put = () => new Promise((resolve, reject) => {
    const request = https.request({ port, host: '127.0.0.1', agent, method: 'PUT' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode)).on('error', reject);
    });
    request.on('error', reject).end(body);
  });
  const series = async () => {
    const codes = [];
    for (let i = 0; i < 25; i++) codes.push(await put().catch((error) => error.code));
    return codes;
  };
  Promise.all([series(), series()]).then((codes) => { agent.destroy(); parentPort.postMessage(codes.flat()); });
`;

const busy = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

it('reads the whole body of a request that follows a large answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-bodies-'));
  const authority = await ensureAuthority(folder, 'ca', 'test');
  const files = await ensureLeaf(authority, folder, 'server', {
    commonName: 'server',
    hosts: ['127.0.0.1'],
    usages: ['server'],
  });
  const echo: Pick<HandlerChain, 'handle'> = {
    handle(request, response) {
      void buffer(request).then((body) =>
        setImmediate(() => {
          response.writeHead(200, { 'content-length': body.length });
          response.end(body);
          busy(3);
        }),
      );
    },
  };
  const chain = { ...echo, active: 0, endLongRunning() {} } as unknown as HandlerChain;
  const tls = createServingTls({ certFile: files.cert, keyFile: files.key });
  const metrics = createMetrics({ process: false });
  const server = await listen({ tls, address: '127.0.0.1', port: 0, chain, clock: systemClock, metrics });
  const worker = new Worker(client, { eval: true, workerData: server.port });
  try {
    const codes = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    expect(new Set(codes as number[])).toEqual(new Set([200]));
  } finally {
    await worker.terminate();
    await server.close(0);
    tls.close();
    await rm(folder, { recursive: true });
  }
});
