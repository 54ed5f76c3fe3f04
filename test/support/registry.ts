/** A real image registry on this host: Debian's `docker-registry`, which the engine trusts on 127.0.0.0/8. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../component-base/run-command';
import { freePort } from './free-port';
import { until } from './until';

/** What a registry that asks for credentials takes. */
export const registryUser = { username: 'tester', password: 's3cret' };
const htpasswd = 'tester:$2b$05$j3Kr.azv7T8gD6mh0zbBF.V3PEJzhhLKtQHn8LdpOdvIoq86g2KUu\n';

export interface Registry {
  /** `127.0.0.1:<port>`. */
  host: string;
  /** Pushes an image of this host under a name in the registry, then removes that name here. */
  push(image: string, name: string): Promise<void>;
  stop(): Promise<void>;
}

/** The installed program, or the package's, unpacked. */
async function findProgram(work: string): Promise<string> {
  const installed = await run('which', ['docker-registry'], { allowFailure: true });
  if (installed.code === 0) return installed.stdout.trim();
  await chmod(work, 0o777);
  await run('apt-get', ['download', 'docker-registry'], { cwd: work });
  const [archive = ''] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
  await run('dpkg', ['-x', join(work, archive), join(work, 'root')]);
  return join(work, 'root/usr/bin/docker-registry');
}

export async function startRegistry(options: { credentials?: boolean } = {}): Promise<Registry> {
  const work = await mkdtemp(join(tmpdir(), 'kubelab-registry-'));
  const program = await findProgram(work);
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(work, 'htpasswd'), htpasswd);
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(work, 'data') } },
    http: { addr: host },
    ...(options.credentials && { auth: { htpasswd: { realm: 'test', path: join(work, 'htpasswd') } } }),
  };
  await writeFile(join(work, 'config.yml'), JSON.stringify(config));
  const server = spawn(program, ['serve', join(work, 'config.yml')], { stdio: 'ignore' });
  await until('the registry answers', () => fetch(`http://${host}/v2/`).then(({ status }) => status < 500));
  const docker = (...args: string[]): Promise<unknown> => run('docker', ['--config', join(work, 'docker'), ...args]);
  return {
    host,
    async push(image, name) {
      const { username, password } = registryUser;
      if (options.credentials) await docker('login', '-u', username, '-p', password, host);
      await docker('tag', image, `${host}/${name}`);
      await docker('push', `${host}/${name}`);
      await docker('rmi', `${host}/${name}`);
    },
    async stop() {
      server.kill();
      await rm(work, { recursive: true, force: true });
    },
  };
}
