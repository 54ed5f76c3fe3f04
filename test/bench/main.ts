/**
 * `npm run bench`: how fast a cluster of one node is, beside what Kubernetes 1.20 needs and what the engine alone allows.
 * `npm run bench -- apply delete-all` selects measurements; the order is always the same.
 */
import { createEngine, ensureEngine } from '../../deploy/engine';
import { ensureImages } from '../../deploy/images';
import { startCluster, type TestCluster } from '../support/test-cluster';
import { apply } from './apply';
import { coldStart } from './cold-start';
import { containerKill } from './container-kill';
import { deleteAll } from './delete-all';
import { meanOf, measureEngineFloor } from './engine-floor';
import { measureFootprint } from './footprint';
import { createLab, type Lab } from './lab';
import type { EngineFloor, Measurement } from './measurement';
import { podDelete } from './pod-delete';
import { formatFootprint, formatResults, type Result } from './report';
import { rollingUpdate } from './rolling-update';

const measurements: readonly Measurement[] = [coldStart, apply, rollingUpdate, containerKill, podDelete, deleteAll];
const others = ['floor', 'footprint'];

async function measure(lab: Lab, wanted: (name: string) => boolean): Promise<string> {
  const results: Result[] = [];
  const tables: string[] = [];
  const floors: Map<number, EngineFloor>[] = [];
  const measureFloor = async (): Promise<void> => {
    if (!wanted('floor')) return;
    console.log(' • floor of the engine …');
    floors.push(await measureEngineFloor(lab.engine));
  };
  if (wanted('footprint')) {
    console.log(' • footprint (20 s) …');
    tables.push(formatFootprint('no pods', await measureFootprint(lab.cluster.layout)));
  }
  await measureFloor();
  for (const measurement of measurements.filter(({ name }) => wanted(name))) {
    process.stdout.write(` • ${measurement.title} … `);
    const value = await measurement.run(lab);
    results.push({ measurement, value });
    console.log(`${value.toFixed(2)} s`);
    if (measurement === podDelete && wanted('footprint')) {
      console.log(' • footprint (20 s) …');
      tables.push(formatFootprint('30 pods, a probe a second each', await measureFootprint(lab.cluster.layout)));
    }
  }
  await measureFloor();
  return [formatResults(results, floors.length ? meanOf(floors) : new Map()), ...tables].join('\n\n');
}

async function main(names: string[]): Promise<void> {
  const known = [...measurements.map(({ name }) => name), ...others];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length) throw new Error(`no measurement ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  const engine = createEngine();
  await ensureEngine(engine, '/tmp/kubelab-bench-dockerd.log');
  await ensureImages(engine);
  let cluster: TestCluster | undefined;
  let lab: Lab | undefined;
  try {
    console.log(' • starting the cluster "bench" …');
    cluster = await startCluster('bench');
    lab = await createLab(cluster);
    console.log(`\n${await measure(lab, (name) => !names.length || names.includes(name))}`);
  } finally {
    lab?.disconnect();
    await cluster?.remove();
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
