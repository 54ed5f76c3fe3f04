/**
 * Writes the cluster's context into the user's kubeconfig and takes it out again, as kind does: other contexts stay, the
 * file is locked against kubectl's own edits, and under sudo it is the file of the user who called.
 */
import { existsSync } from 'node:fs';
import { chown, mkdir, open, readFile, realpath, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { writeFileAtomic } from './cluster';
import { run } from '../component-base/run-command';
import { SetupError } from './setup-error';

interface Owner {
  home: string;
  uid?: number;
  gid?: number;
}

interface NamedEntry {
  name: string;
}

interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  preferences?: object;
  clusters?: NamedEntry[] | null;
  users?: NamedEntry[] | null;
  contexts?: NamedEntry[] | null;
  'current-context'?: string;
}

/** The user who called, also under sudo. */
async function callingUser(env: NodeJS.ProcessEnv): Promise<Owner> {
  const name = env.SUDO_USER;
  if (!name || name === 'root') return { home: homedir() };
  const { stdout } = await run('getent', ['passwd', name]);
  const [, , uid, gid, , home] = stdout.trim().split(':');
  if (!home) throw new SetupError(`The user ${name} (SUDO_USER) has no home directory.`);
  return { home, uid: Number(uid), gid: Number(gid) };
}

/** The file kubectl would write: the first of KUBECONFIG that exists, else its last, else `~/.kube/config`. */
async function kubeconfigPath(owner: Owner, env: NodeJS.ProcessEnv): Promise<string> {
  const listed = (env.KUBECONFIG ?? '').split(':').filter(Boolean);
  for (const path of listed) {
    if (await stat(path).catch(() => undefined)) return path;
  }
  return listed.at(-1) ?? join(owner.home, '.kube', 'config');
}

/**
 * Runs `change` on the parsed file, under the lock file that client-go uses, and writes it back if it changed: through
 * symbolic links, and with the mode and owner that it had.
 */
async function edit(env: NodeJS.ProcessEnv, change: (config: Kubeconfig) => void): Promise<string> {
  const owner = await callingUser(env);
  const path = await kubeconfigPath(owner, env);
  try {
    await editFile(path, owner, change);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof SetupError || code === undefined) throw cause;
    throw new SetupError(`${path} cannot be edited: ${code}.`, { remedy: 'Name another with KUBECONFIG.', cause });
  }
  return path;
}

async function editFile(path: string, owner: Owner, change: (config: Kubeconfig) => void): Promise<void> {
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o750 });
  const release = await lock(`${path}.lock`);
  try {
    const target = await ifThere(realpath(path));
    const text = target === undefined ? '' : await readFile(target, 'utf8');
    const document = parseDocument(text);
    if (document.errors.length) {
      throw new SetupError(`${path} is not valid YAML: ${document.errors[0]?.message}`, {
        remedy: 'Repair or move it.',
      });
    }
    const config = (document.toJS() ?? {}) as Kubeconfig;
    if (!isKubeconfig(config)) throw new SetupError(`${path} is not a kubeconfig.`, { remedy: 'Repair or move it.' });
    change(config);
    document.contents = document.createNode(config) as never;
    const next = document.toString();
    if (next === text) return;
    const before = target === undefined ? undefined : await stat(target);
    await writeFileAtomic(target ?? path, next, before ? before.mode & 0o777 : 0o600);
    const { uid, gid } = before ?? owner;
    if (uid === undefined || gid === undefined) return;
    await chown(target ?? path, uid, gid);
    if (made) await chown(folder, uid, gid);
  } finally {
    await release();
  }
}

const isKubeconfig = (config: Kubeconfig): boolean =>
  typeof config === 'object' &&
  !Array.isArray(config) &&
  [config.clusters, config.users, config.contexts].every((list) => list == null || Array.isArray(list));

/** Undefined when there is no such file. */
const ifThere = <T>(result: Promise<T>): Promise<T | undefined> =>
  result.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

async function lock(path: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      const handle = await open(path, 'wx');
      return async () => {
        await handle.close();
        await rm(path, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await sleep(100);
    }
  }
  throw new SetupError(`${path} is locked by another program.`, { remedy: `If none is running, remove ${path}.` });
}

const upsert = (list: NamedEntry[] | null | undefined, entry: NamedEntry & Record<string, unknown>): NamedEntry[] => {
  const others = (list ?? []).filter(({ name }) => name !== entry.name);
  return [...others, entry];
};

export interface UserContext {
  name: string;
  server: string;
  caPem: string;
  certPem: string;
  keyPem: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Adds or replaces the context and makes it the current one. Gives the file's path. */
export const addUserContext = (context: UserContext, env = process.env): Promise<string> =>
  edit(env, (config) => {
    const { name, server } = context;
    config.apiVersion ??= 'v1';
    config.kind ??= 'Config';
    config.clusters = upsert(config.clusters, {
      name,
      cluster: { server, 'certificate-authority-data': base64(context.caPem) },
    });
    config.users = upsert(config.users, {
      name,
      user: { 'client-certificate-data': base64(context.certPem), 'client-key-data': base64(context.keyPem) },
    });
    config.contexts = upsert(config.contexts, { name, context: { cluster: name, user: name } });
    config['current-context'] = name;
  });

/** Takes the context out; the current context is cleared only if it was this one. */
export async function removeUserContext(name: string, env = process.env): Promise<void> {
  const path = await kubeconfigPath(await callingUser(env), env);
  if (!existsSync(path)) return;
  await edit(env, (config) => {
    for (const list of ['clusters', 'users', 'contexts'] as const) {
      if (config[list]) config[list] = config[list].filter((entry) => entry.name !== name);
    }
    if (config['current-context'] === name) config['current-context'] = '';
  });
}
