/** Certificates that are replaced while client and server run, over real TLS. */
import { mkdtemp, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createDelegatedAuth } from '../../../client/delegated-auth';
import { createRestClient } from '../../../client/rest-client';
import { systemClock } from '../../../component-base/clock';
import { createServingTls } from '../../../component-base/tls';
import { ensureAuthority, ensureLeaf } from '../../../deploy/pki';
import { until } from '../../support/until';

describe('certificate rotation', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'kubelab-rotation-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it('is followed by client and server without a restart', async () => {
    const ca = await ensureAuthority(folder, 'ca', 'test-ca');
    const serving = await ensureLeaf(ca, folder, 'server', {
      commonName: 'one',
      hosts: ['127.0.0.1'],
      usages: ['server'],
    });
    const own = await ensureLeaf(ca, folder, 'client', {
      commonName: 'alice',
      organizations: ['a', 'b'],
      usages: ['client'],
    });
    const tls = createServingTls({ certFile: serving.cert, keyFile: serving.key, clientCaFile: ca.files.cert });
    const auth = createDelegatedAuth({ client: undefined as never, clock: systemClock });
    const server = https.createServer(tls.options(), (request, response) => {
      void auth.authenticate(request).then((user) => response.end(JSON.stringify({ user })));
    });
    tls.follow(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const client = createRestClient(
      {
        server: `https://127.0.0.1:${port}`,
        caFile: ca.files.cert,
        clientCertFile: own.cert,
        clientKeyFile: own.key,
      },
      { userAgent: 'kubelab-test' },
    );
    const whoAmI = () => client.raw<{ user: object }>({ method: 'GET', path: '/' });
    expect(await whoAmI()).toEqual({ user: { username: 'alice', groups: ['a', 'b', 'system:authenticated'] } });

    await Promise.all([own.cert, own.key, serving.cert, serving.key].map((file) => rm(file)));
    await ensureLeaf(ca, folder, 'client', { commonName: 'bob', usages: ['client'] });
    await ensureLeaf(ca, folder, 'server', { commonName: 'two', hosts: ['127.0.0.1'], usages: ['server'] });
    await until('the new client certificate', async () => JSON.stringify(await whoAmI()).includes('bob'));
    await until(
      'the new serving certificate',
      () =>
        new Promise<boolean>((resolve, reject) => {
          const request = https.get({ port, host: '127.0.0.1', ca: ca.pem, agent: false }, (response) => {
            resolve((response.socket as TLSSocket).getPeerCertificate().subject.CN === 'two');
            response.resume();
          });
          request.on('error', reject);
        }),
    );
    await client.close();
    tls.close();
    server.closeAllConnections();
    server.close();
  });
});
