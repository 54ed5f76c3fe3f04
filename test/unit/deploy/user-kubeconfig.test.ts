import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { addUserContext, removeUserContext } from '../../../deploy/user-kubeconfig';

const context = { name: 'kubelab', server: 'https://127.0.0.1:6443', caPem: 'CA', certPem: 'CERT', keyPem: 'KEY' };
const other = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'work', cluster: { server: 'https://work.example:443' } }],
  users: [{ name: 'me', user: { token: 't', exec: null } }],
  contexts: [{ name: 'work', context: { cluster: 'work', user: 'me', namespace: 'team' } }],
  'current-context': 'work',
  preferences: { colors: true },
};

let folder: string;
let path: string;
let env: NodeJS.ProcessEnv;
const read = async (): Promise<any> => parse(await readFile(path, 'utf8'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubelab-test-'));
  path = join(folder, 'kube', 'config');
  env = { KUBECONFIG: path };
});
afterEach(() => rm(folder, { recursive: true }));

describe('addUserContext', () => {
  it('makes the file, readable by its owner only', async () => {
    expect(await addUserContext(context, env)).toBe(path);
    expect(await read()).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'kubelab', cluster: { server: context.server, 'certificate-authority-data': 'Q0E=' } }],
      users: [{ name: 'kubelab', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
      contexts: [{ name: 'kubelab', context: { cluster: 'kubelab', user: 'kubelab' } }],
      'current-context': 'kubelab',
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'kube'))).toEqual(['config']);
  });

  it('leaves other contexts as they are, and replaces its own', async () => {
    await addUserContext(context, env);
    await writeFile(path, stringify(other));
    await addUserContext({ ...context, server: 'https://old' }, env);
    await addUserContext(context, env);
    const config = await read();
    expect(config).toMatchObject({ preferences: { colors: true }, 'current-context': 'kubelab' });
    expect(config.clusters.map(({ name }: { name: string }) => name)).toEqual(['work', 'kubelab']);
    expect(config.clusters[1].cluster.server).toBe(context.server);
    expect(config.users[0]).toEqual(other.users[0]);
    expect(config.contexts[0]).toEqual(other.contexts[0]);
  });

  it('writes to the first file of KUBECONFIG that exists, else to the last', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    expect(await addUserContext(context, { KUBECONFIG: `${first}:${second}` })).toBe(second);
    await writeFile(first, stringify(other));
    expect(await addUserContext(context, { KUBECONFIG: `${first}:${second}` })).toBe(first);
  });

  it('reads null lists, as kubectl writes them', async () => {
    path = join(folder, 'config');
    await writeFile(path, 'apiVersion: v1\nclusters: null\ncontexts: null\nusers: null\n');
    await addUserContext(context, { KUBECONFIG: path });
    expect((await read()).contexts).toHaveLength(1);
  });

  it('writes through a symbolic link, and keeps the mode', async () => {
    const real = join(folder, 'real');
    path = join(folder, 'config');
    await writeFile(real, stringify(other), { mode: 0o640 });
    await symlink('real', path);
    await addUserContext(context, { KUBECONFIG: path });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect((await read()).contexts).toHaveLength(2);
  });

  it.each(['just a text', '- a list', 'contexts: {}'])('refuses to edit what is no kubeconfig: %s', async (text) => {
    path = join(folder, 'config');
    await writeFile(path, text);
    await expect(addUserContext(context, { KUBECONFIG: path })).rejects.toThrow(`${path} is not a kubeconfig.`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('says so when the file cannot be edited', async () => {
    path = join(folder, 'a-folder');
    await mkdir(path);
    await expect(addUserContext(context, { KUBECONFIG: path })).rejects.toThrow(`${path} cannot be edited: EISDIR.`);
    expect(await readdir(folder)).toEqual(['a-folder']);
  });

  it('refuses to write over what is no YAML', async () => {
    path = join(folder, 'config');
    await writeFile(path, 'a: [');
    await expect(addUserContext(context, { KUBECONFIG: path })).rejects.toThrow('is not valid YAML');
    expect(await readFile(path, 'utf8')).toBe('a: [');
  });
});

describe('removeUserContext', () => {
  it('takes out its own and leaves the current context of others', async () => {
    await addUserContext(context, env);
    await writeFile(path, stringify({ ...(await read()), ...other, clusters: [...other.clusters] }));
    await removeUserContext('kubelab', env);
    expect(await read()).toEqual(other);
  });

  it('clears the current context when it was this one', async () => {
    await addUserContext(context, env);
    await removeUserContext('kubelab', env);
    expect(await read()).toMatchObject({ clusters: [], users: [], contexts: [], 'current-context': '' });
  });

  it('makes no file where there was none', async () => {
    await removeUserContext('kubelab', env);
    expect(existsSync(path)).toBe(false);
  });
});
