import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKubeconfig } from '../../../client/kubeconfig';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'config');
const write = (user: object, cluster: object = {}): void =>
  writeFileSync(
    path,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }],
      users: [{ name: 'u', user }],
    }),
  );

describe('loadKubeconfig', () => {
  it('reads embedded material', async () => {
    write(
      { 'client-certificate-data': Buffer.from('CERT').toString('base64'), token: 't' },
      { 'certificate-authority-data': Buffer.from('CA').toString('base64') },
    );
    expect(await loadKubeconfig(path)).toEqual({
      server: 'https://127.0.0.1:6443',
      ca: Buffer.from('CA'),
      clientCert: Buffer.from('CERT'),
      token: 't',
    });
  });

  it('reads files relative to it and keeps their paths for rotation', async () => {
    writeFileSync(join(folder, 'client.pem'), 'BOTH');
    write({ 'client-certificate': 'client.pem', 'client-key': 'client.pem', tokenFile: 'token' });
    expect(await loadKubeconfig(path, 'c')).toEqual({
      server: 'https://127.0.0.1:6443',
      clientCert: Buffer.from('BOTH'),
      clientCertFile: join(folder, 'client.pem'),
      clientKey: Buffer.from('BOTH'),
      clientKeyFile: join(folder, 'client.pem'),
      tokenFile: join(folder, 'token'),
    });
  });

  it.each([
    ['missing file', () => rmSync(path), 'cannot read kubeconfig'],
    ['bad YAML', () => writeFileSync(path, 'a: [\n'), 'is not valid YAML'],
    ['no such context', () => writeFileSync(path, 'current-context: x'), 'context "x" does not exist'],
    ['unreadable certificate', () => write({ 'client-certificate': 'none.pem' }), 'cannot read client-certificate'],
  ])('says in one sentence what is wrong: %s', async (_name, prepare, message) => {
    prepare();
    await expect(loadKubeconfig(path)).rejects.toThrow(message);
  });
});
