/** `npm run compose`: the cluster as containers, started by docker compose on the engine that then runs the pods. */
import { access, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defineFlags, parseFlags } from '../../component-base/flags';
import { run } from '../../component-base/run-command';
import { ensureControlPlaneFiles } from '../certificates';
import {
  type Cluster,
  contextNameOf,
  defaultClusterName,
  type Layout,
  layoutOf,
  makeLayout,
  readCluster,
  writeCluster,
  writeFileAtomic,
} from '../cluster';
import { adminClient, waitUntilNodesReady, waitUntilServing } from '../cluster-api';
import { deleteData } from '../delete-data';
import { createEngine, engineSocket, ensureEngine } from '../engine';
import { refuseWrongFlags } from '../extra-config';
import { ensureImages } from '../images';
import type { Progress } from '../progress';
import { SetupError } from '../setup-error';
import { withSetupLock } from '../setup-lock';
import { findSupervisor } from '../supervisor/client';
import { chooseCluster, finish, processesOf, readUpOptions, refuseWhatIsTaken } from '../up';
import { removeUserContext } from '../user-kubeconfig';
import {
  cleanupServiceOf,
  composeFile,
  type HostFacts,
  isNodeComponent,
  optionalHostPaths,
  packetRulesLock,
  projectOf,
} from './compose-file';
import { ensureComponentImage } from './image';
import { ensureShared, removeShared } from './shared-mount';

const downFlags = defineFlags({
  name: { type: 'string', default: defaultClusterName, help: 'the name of the cluster' },
  purge: { type: 'bool', default: false, help: 'remove the data and the kubeconfig context too' },
});

const fileOf = (layout: Layout): string => join(layout.root, 'compose.yaml');

/** `npm run compose -- [up|down] [flags]`; without a word: up. */
export async function compose(argv: string[], progress: Progress): Promise<void> {
  const [word = '', ...rest] = argv;
  if (word === 'down') return composeDown(rest, progress);
  return composeUp(word === 'up' ? rest : argv, progress);
}

async function composeUp(argv: string[], progress: Progress): Promise<void> {
  const options = readUpOptions(argv, 'npm run compose --');
  const layout = layoutOf(options.name);
  await makeLayout(layout);
  await withSetupLock(layout, () => bringUp(options, layout, progress));
}

async function bringUp(
  options: Parameters<typeof chooseCluster>[0],
  layout: Layout,
  progress: Progress,
): Promise<void> {
  const known = await readCluster(layout);
  await refuseOtherWay(layout, options.name);
  const { cluster, removed } = await chooseCluster(options, known);
  if (removed.length) {
    throw new SetupError(`The cluster ${cluster.name} has ${known?.nodes.length} nodes.`, {
      remedy: 'In containers nodes can be added, not removed: drain and leave them, or begin anew with down --purge.',
    });
  }
  const engine = createEngine();
  await progress.step(
    'Docker Engine',
    () => ensureEngine(engine, join(layout.logs, 'dockerd.log')),
    ({ version, started }) => `${version}${started ? ', started' : ''}`,
  );
  const cli = await createCompose(options.name, layout);
  const files = await progress.step('Certificates and images', async () => {
    const [made] = await Promise.all([ensureControlPlaneFiles(cluster, layout), ensureImages(engine)]);
    return made;
  });
  const image = await progress.step('Image of the components', () => ensureComponentImage(engine), String);
  if (!(await cli.isRunning())) await refuseWhatIsTaken(cluster, layout, known !== undefined);
  const processes = await processesOf(cluster, layout, files);
  await refuseWrongFlags(processes, cluster.extraFlags ?? {});
  await writeCluster(layout, cluster);
  await progress.step('docker compose up', async () => {
    const host = await hostFacts(await engine.rootFolder());
    await writeFileAtomic(fileOf(layout), composeFile({ cluster, layout, files, processes, image, host }));
    await ensureShared(layout.root);
    await (await open(packetRulesLock, 'a', 0o600)).close();
    await cli.run('up', '--detach', '--remove-orphans');
  });
  const api = await adminClient(cluster, layout);
  try {
    await progress.step('API server', () => waitUntilServing(api, layout));
    await progress.step(`Nodes ${cluster.nodes.join(', ')} Ready`, () =>
      waitUntilNodesReady(api, cluster.nodes, layout),
    );
    await finish(cluster, layout, files, api, options, progress);
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    throw new SetupError(cause.message, { cause, remedy: `See: ${cli.text} ps; ${cli.text} logs` });
  } finally {
    await api.close();
  }
  progress.say('The components, by docker compose:');
  progress.say(`  ${cli.text} ps`);
}

async function composeDown(argv: string[], progress: Progress): Promise<void> {
  const { name, purge } = parseFlags(downFlags, argv, 'npm run compose -- down');
  const layout = layoutOf(name);
  const cluster = await readCluster(layout);
  if (!cluster || (await isSupervised(layout))) {
    progress.say(` • There is no cluster "${name}" in containers here.`);
    return;
  }
  await withSetupLock(layout, async () => {
    if (await exists(fileOf(layout))) await stopAndCleanUp(cluster, layout, progress);
    if (!purge) return;
    await progress.step('Removing the data', async () => {
      await removeUserContext(contextNameOf(name));
      await deleteData(layout.root);
    });
  });
}

/** The compose file goes last: without it there is nothing left to stop. */
async function stopAndCleanUp(cluster: Cluster, layout: Layout, progress: Progress): Promise<void> {
  const cli = await createCompose(cluster.name, layout);
  await progress.step('docker compose down', () => cli.run('down', '--remove-orphans'));
  await progress.step('Removing pods, bridges, routes, chains and mounts', async () => {
    // Gone after a reboot where the host's mounts are private; the clean-up containers mount it like the others.
    await ensureShared(layout.root);
    const processes = await processesOf(cluster, layout, await ensureControlPlaneFiles(cluster, layout));
    const owners = processes.filter(isNodeComponent);
    await Promise.all(owners.map((spec) => cli.run('run', '--rm', '--no-deps', '-T', cleanupServiceOf(spec.name))));
    await removeShared(layout.root);
    await rm(fileOf(layout), { force: true });
  });
}

/** One cluster's state has one keeper: the supervisor of `npm run up`, or the engine. */
async function refuseOtherWay(layout: Layout, name: string): Promise<void> {
  if (!(await isSupervised(layout))) return;
  throw new SetupError(`The cluster ${name} was made by "npm run up" or "npm run join".`, {
    remedy: `Remove it first (npm run down -- --name ${name} --purge), or choose another --name.`,
  });
}

const isSupervised = async (layout: Layout): Promise<boolean> =>
  Boolean(await findSupervisor(layout)) || exists(layout.processes);

async function hostFacts(engineRoot: string): Promise<HostFacts> {
  const present: string[] = [];
  for (const path of optionalHostPaths) if (await exists(path)) present.push(path);
  return {
    engineSocket: engineSocket(),
    engineRoot,
    unifiedCgroups: await exists('/sys/fs/cgroup/cgroup.controllers'),
    present,
  };
}

interface Compose {
  /** The command that a user would type. */
  text: string;
  run(...args: string[]): Promise<string>;
  isRunning(): Promise<boolean>;
}

/** Compose v2 is a plugin of the docker command, v1 a program of its own. */
async function createCompose(name: string, layout: Layout): Promise<Compose> {
  const candidates = [['docker', 'compose'], ['docker-compose']];
  for (const [program = '', ...words] of candidates) {
    const { code } = await run(program, [...words, 'version'], { allowFailure: true });
    if (code !== 0) continue;
    const args = [...words, '--project-name', projectOf(name), '--file', fileOf(layout)];
    const call = async (...more: string[]): Promise<string> => (await run(program, [...args, ...more])).stdout;
    return {
      text: [program, ...args].join(' '),
      run: call,
      isRunning: async () => (await exists(fileOf(layout))) && (await call('ps', '--quiet')).trim() !== '',
    };
  }
  throw new SetupError('There is no docker compose.', { remedy: 'Install it: apt-get install docker-compose.' });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
