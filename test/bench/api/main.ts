/**
 * `npm run bench:api`: how fast the API server is by itself, over TLS and a real etcd, beside Kubernetes 1.20.
 * `npm run bench:api -- get-pod list-pods` selects measurements; `--idle-seconds=10`, `--idle-watchers=1000` shorten the idle
 * watchers, `--cpu-prof` writes the server's profile to the working directory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ApiServerProcess, makeApiServerFiles, startApiServerProcess } from '../../support/apiserver-process';
import { apiServerEnv, nodeOptions } from '../../../deploy/processes';
import { startEtcd } from '../../support/etcd';
import { formatTable } from '../report';
import type { RequestJob } from './job';
import { openWatches, runRequests } from './load-process';
import {
  fanOut,
  idle,
  type Measurement,
  measurements,
  memoryGoalMb,
  storedPods,
  upstreamMemoryMb,
} from './measurements';
import { cpuMsOf, residentBytesOf } from './process-usage';
import type { Target } from './raw-connection';

const header = ['', 'kubelab', 'Kubernetes 1.20', 'ratio', 'p50 ms', 'p99 ms', 'CPU ms each'];

interface Bench {
  server: ApiServerProcess;
  target: Target;
}

function quantile(values: number[], share: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
}

const jobOf = (target: Target, load: Measurement['load'], total = load.total): RequestJob => ({
  kind: 'requests',
  target,
  first: 0,
  modulo: 1e9,
  ...load,
  total,
});

async function measure(
  { server, target }: Bench,
  { title, load, upstream, processes }: Measurement,
): Promise<string[]> {
  // The first requests meet cold code.
  if (load.method === 'GET') await runRequests(jobOf(target, load, Math.ceil(load.total / 10)), processes);
  const cpuBefore = cpuMsOf(server.pid);
  const { latencies, failed, startedAt, endedAt } = await runRequests(jobOf(target, load), processes);
  const cpuMs = (cpuMsOf(server.pid) - cpuBefore) / latencies.length;
  if (failed) throw new Error(`${title}: ${failed} requests failed`);
  const rate = (latencies.length * 1000) / (endedAt - startedAt);
  return [
    title,
    `${rate.toFixed(0)}/s`,
    `${upstream}/s`,
    `${(rate / upstream).toFixed(1)}×`,
    quantile(latencies, 0.5),
    quantile(latencies, 0.99),
    cpuMs.toFixed(2),
  ];
}

/** The next measurement again begins with the stored pods alone. */
async function removeCreated(
  { target }: Bench,
  { load, created }: Pick<Measurement, 'load' | 'created'>,
): Promise<void> {
  if (!created) return;
  const path = `${load.path}/${created}-{i}`;
  await runRequests(jobOf(target, { method: 'DELETE', path, inFlight: 16, total: load.total }));
}

/** As many events as can be had; with `perSecond` writes, how late they are at that rate. */
async function measureFanOut({ server, target }: Bench, perSecond?: number): Promise<string[]> {
  const { watchers, path, upstreamEvents, upstreamP50Ms } = fanOut;
  const load = { ...fanOut.load, ...(perSecond && { perSecond }) };
  const watches = await openWatches({ kind: 'watches', target, connections: watchers, path });
  const expected = watchers * load.total;
  const cpuBefore = cpuMsOf(server.pid);
  const { startedAt, failed } = await runRequests(jobOf(target, load));
  let { events, latencies, lastAt } = await watches.report();
  for (const giveUpAt = Date.now() + 30_000; events < expected && Date.now() < giveUpAt;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const more = await watches.report();
    events += more.events;
    latencies = latencies.concat(more.latencies);
    lastAt = Math.max(lastAt, more.lastAt);
  }
  watches.stop();
  if (failed || events !== expected) throw new Error(`of ${expected} events ${events} came, ${failed} writes failed`);
  const rate = (events * 1000) / (lastAt - startedAt);
  return [
    perSecond ? 'the same at the rate of Kubernetes 1.20' : `events to ${watchers} watchers of a namespace`,
    `${rate.toFixed(0)}/s`,
    `${upstreamEvents}/s`,
    `${(rate / upstreamEvents).toFixed(1)}×`,
    `${quantile(latencies, 0.5)}${perSecond ? ` (${upstreamP50Ms})` : ''}`,
    quantile(latencies, 0.99),
    ((cpuMsOf(server.pid) - cpuBefore) / events).toFixed(3),
  ];
}

async function measureIdle({ server, target }: Bench, watchers: number, seconds: number): Promise<string> {
  const before = residentBytesOf(server.pid);
  const watches = await openWatches({ kind: 'watches', target, connections: watchers, path: idle.path });
  const cpuBefore = cpuMsOf(server.pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const cpuMs = cpuMsOf(server.pid) - cpuBefore;
  const after = residentBytesOf(server.pid);
  const { closed } = await watches.report();
  watches.stop();
  if (closed) throw new Error(`${closed} of ${watchers} idle watches ended`);
  const each = (after - before) / watchers / 1000;
  return (
    `${watchers} watchers idle for ${seconds} s: ${each.toFixed(1)} KB each (goal: below ${idle.goalBytes / 1000}), ` +
    `${(cpuMs / seconds / 10).toFixed(1)} % of a core, ${toMb(after)} MB resident with them`
  );
}

const toMb = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Namespaces with the account that a controller would make, and the pods that are there from the beginning. */
async function prepare({ target }: Bench): Promise<void> {
  const create = async (what: string, load: Measurement['load']): Promise<void> => {
    const { failed } = await runRequests(jobOf(target, load));
    if (failed) throw new Error(`${failed} ${what} could not be created`);
  };
  const one = (path: string, name: string): Measurement['load'] => ({
    method: 'POST',
    path: `/api/v1/namespaces${path}`,
    body: JSON.stringify({ metadata: { name } }),
    inFlight: 1,
    total: 1,
  });
  for (const name of ['default', 'bench', 'watched']) {
    if (name !== 'default') await create('namespaces', one('', name));
    await create('service accounts', one(`/${name}/serviceaccounts`, 'default'));
  }
  await create('pods', storedPods);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'idle-seconds': { type: 'string', default: '60' },
      'idle-watchers': { type: 'string', default: '5000' },
      'cpu-prof': { type: 'boolean', default: false },
    },
  });
  const names = [...measurements.map(({ name }) => name), 'fan-out', 'idle'];
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length) throw new Error(`no measurement ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  const wanted = (name: string): boolean => !positionals.length || positionals.includes(name);
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-bench-'));
  const etcd = await startEtcd();
  try {
    const files = await makeApiServerFiles(folder);
    const nodeArgs = [...nodeOptions, ...(values['cpu-prof'] ? ['--cpu-prof'] : [])];
    const server = await startApiServerProcess(files, etcd, { nodeArgs, env: apiServerEnv });
    const bench: Bench = { server, target: { port: server.port, ...files.client } };
    try {
      await prepare(bench);
      const rows: string[][] = [];
      for (const measurement of measurements.filter(({ name }) => wanted(name))) {
        console.log(` • ${measurement.title} …`);
        rows.push(await measure(bench, measurement));
        await removeCreated(bench, measurement);
      }
      if (wanted('fan-out')) {
        rows.push(await measureFanOut(bench));
        await removeCreated(bench, fanOut);
        rows.push(await measureFanOut(bench, fanOut.upstreamEvents / fanOut.watchers));
      }
      const resident = residentBytesOf(server.pid);
      rows.push(['resident memory after it', `${toMb(resident)} MB`, `${upstreamMemoryMb} MB`, '', '', '', '']);
      console.log(`\n${formatTable(header, rows)}\n\n(goal: below ${memoryGoalMb} MB)`);
      if (wanted('idle')) {
        console.log(await measureIdle(bench, Number(values['idle-watchers']), Number(values['idle-seconds'])));
      }
    } finally {
      await server.stop();
    }
  } finally {
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
