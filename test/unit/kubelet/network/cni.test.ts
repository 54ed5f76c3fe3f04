import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCni } from '../../../../kubelet/network/cni';
import { until } from '../../../support/until';

/** Notes what it is asked; an ADD answers once the test lets it go on. */
const plugin = `#!/bin/sh
cd "$(dirname "$0")"
echo "$CNI_COMMAND" >>asked
[ "$CNI_COMMAND" = ADD ] || exit 0
while [ ! -e go ]; do sleep 0.02; done
[ -e broken ] && exit 1
echo '{"ips":[{"address":"10.1.0.2/24"}]}'
`;
const network = { cniVersion: '0.4.0', name: 'net', plugins: [{ type: 'plugin' }] };
const pod = { name: 'web', namespace: 'default', uid: '1' };
const sandbox = { sandboxId: 'box', netns: '/proc/1/ns/net', pod, portMappings: [] };

let binDir = '';
beforeEach(async () => {
  binDir = await mkdtemp(path.join(tmpdir(), 'kubelab-cni-'));
  await writeFile(path.join(binDir, 'plugin'), plugin);
  await chmod(path.join(binDir, 'plugin'), 0o755);
});
afterEach(() => rm(binDir, { recursive: true }));

const newCni = () => createCni({ binDir, cacheDir: path.join(binDir, 'results') });
const asked = async (): Promise<string[]> =>
  (await readFile(path.join(binDir, 'asked'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const go = (): Promise<void> => writeFile(path.join(binDir, 'go'), '');

it('gives a sandbox its network once, also after a restart', async () => {
  await go();
  await expect(newCni().add(network, sandbox)).resolves.toEqual(['10.1.0.2']);
  const next = newCni();
  await next.load();
  await expect(next.add(network, sandbox)).resolves.toEqual(['10.1.0.2']);
  await expect(asked()).resolves.toEqual(['ADD']);
});

it('gives back what an ADD took that the death of the kubelet cut off', async () => {
  const cutOff = newCni().add(network, sandbox);
  await until('the plugin to be asked', async () => (await asked()).length === 1);
  const next = newCni();
  await next.load();
  expect(next.knownSandboxes()).toEqual(['box']);
  expect(next.addressesOf('box')).toEqual([]);
  await next.remove('box');
  await expect(asked()).resolves.toEqual(['ADD', 'DEL']);
  await expect(readdir(path.join(binDir, 'results'))).resolves.toEqual([]);
  await go();
  await cutOff;
});

it('undoes an ADD that failed', async () => {
  await go();
  await writeFile(path.join(binDir, 'broken'), '');
  const cni = newCni();
  await expect(cni.add(network, sandbox)).rejects.toThrow('plugin type="plugin" failed (add)');
  await expect(asked()).resolves.toEqual(['ADD', 'DEL']);
  expect(cni.knownSandboxes()).toEqual([]);
});
