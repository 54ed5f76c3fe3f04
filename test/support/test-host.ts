/**
 * Another host on this machine: a network namespace with an address of its own and its own Docker Engine. Hosts share a
 * bridge in 198.18.0.0/24, on which this machine is 198.18.0.1.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../deploy/supervisor/process-identity';
import { createEngine, type Engine, removeStalePidFiles } from '../../deploy/engine';
import { type CommandOptions, type CommandResult, run } from '../../component-base/run-command';
import { until } from './until';

const bridge = 'klt-hosts';
export const firstHostAddress = '198.18.0.1';

export interface TestHost {
  name: string;
  address: string;
  engine: Engine;
  /** Where this host keeps its state. */
  home: string;
  /** Environment of commands on the host: its engine and its kubelab home. */
  env: NodeJS.ProcessEnv;
  /** Runs a command in the host's network, with its engine. */
  run(command: string, args: string[], options?: CommandOptions): Promise<CommandResult>;
  stopEngine(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  startEngine(): Promise<void>;
  remove(): Promise<void>;
}

const ip = (...args: string[]): Promise<CommandResult> => run('ip', args);

async function ensureBridge(): Promise<void> {
  const present = await run('ip', ['link', 'show', bridge], { allowFailure: true });
  if (present.code !== 0) {
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('address', 'add', `${firstHostAddress}/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
  }
  // Frames between the hosts pass this machine's FORWARD chain, whose policy is DROP once Docker runs.
  const rule = ['DOCKER-USER', '-i', bridge, '-j', 'ACCEPT'];
  const known = await run('iptables', ['-w', '-C', ...rule], { allowFailure: true });
  if (known.code !== 0) await run('iptables', ['-w', '-I', ...rule]);
}

/** Makes the host; a leftover of the same name is removed first. */
export async function startHost(name: string, lastOctet: number): Promise<TestHost> {
  await ensureBridge();
  await run('ip', ['netns', 'delete', name], { allowFailure: true });
  await run('ip', ['link', 'delete', `v-${name}`], { allowFailure: true });
  const address = `198.18.0.${lastOctet}`;
  await ip('netns', 'add', name);
  await ip('link', 'add', `v-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('link', 'set', `v-${name}`, 'master', bridge, 'up');
  await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('-n', name, 'link', 'set', 'eth0', 'up');
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  await ip('-n', name, 'route', 'add', 'default', 'via', firstHostAddress);

  const home = await mkdtemp(join(tmpdir(), `kubelab-host-${name}-`));
  const socket = join(home, 'docker.sock');
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, KUBELAB_HOME: join(home, 'state') };
  const engine = createEngine(socket);
  // Not "ip netns exec": that hides the cgroups.
  const inside = [`--net=/run/netns/${name}`, '--'];
  let daemon: ChildProcess | undefined;
  const host: TestHost = {
    name,
    address,
    engine,
    home,
    env,
    run: (command, args, options = {}) => run('nsenter', [...inside, command, ...args], { env, ...options }),
    async startEngine() {
      await removeStalePidFiles([join(home, 'docker.pid'), join(home, 'exec/containerd/containerd.pid')]);
      const log = openSync(join(home, 'dockerd.log'), 'a');
      const flags = [
        `--host=unix://${socket}`,
        `--data-root=${home}/data`,
        `--exec-root=${home}/exec`,
        `--pidfile=${home}/docker.pid`,
        '--bip=172.31.250.1/24',
      ];
      daemon = spawn('nsenter', [...inside, 'dockerd', ...flags], { stdio: ['ignore', log, log] });
      await until(`dockerd of ${name}`, () => engine.version());
    },
    async stopEngine(signal) {
      const ended = new Promise((resolve) => daemon?.once('exit', resolve));
      const containerd = Number(await readFile(join(home, 'exec/containerd/containerd.pid'), 'utf8').catch(() => '0'));
      daemon?.kill(signal);
      await ended;
      await until('containerd to be gone', () => !containerd || !identify(containerd));
    },
    async remove() {
      const left = await run('docker', ['-H', `unix://${socket}`, 'ps', '-aq'], { allowFailure: true });
      const ids = left.stdout.split('\n').filter(Boolean);
      if (ids.length) await run('docker', ['-H', `unix://${socket}`, 'rm', '-f', ...ids], { allowFailure: true });
      await host.stopEngine('SIGTERM').catch(() => {});
      await run('ip', ['netns', 'delete', name], { allowFailure: true });
      await run('ip', ['link', 'delete', `v-${name}`], { allowFailure: true });
      // What a killed engine left mounted, innermost first.
      const unmount = `awk '{print $5}' /proc/self/mountinfo | grep '^${home}' | sort -r | xargs -r -n1 umount -l`;
      await run('sh', ['-c', unmount], { allowFailure: true });
      await rm(home, { recursive: true, force: true });
    },
  };
  await host.startEngine();
  return host;
}
