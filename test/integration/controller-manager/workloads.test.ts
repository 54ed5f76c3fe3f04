/** Deployments, ReplicaSets and the garbage collector over a real API server. */
import { type Deployment, deployments } from '../../../api/apps/v1/deployment';
import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import { events } from '../../../api/core/v1/event';
import { namespaces } from '../../../api/core/v1/namespace';
import { pods } from '../../../api/core/v1/pod';
import { type PodDisruptionBudget, podDisruptionBudgets } from '../../../api/policy/v1/poddisruptionbudget';
import type { Stored } from '../../../api/meta/types';
import { systemClock } from '../../../component-base/clock';
import { deploymentController } from '../../../controller-manager/controllers/deployment/controller';
import { type HollowNode, startHollowNode } from '../../support/hollow-node';
import { startTestControlPlane, type TestControlPlane } from '../../support/controllers';
import { until } from '../../support/until';

const namespace = 'default';
const soon = { everyMs: 20 };
let plane: TestControlPlane;
let node: HollowNode;

beforeAll(async () => {
  plane = await startTestControlPlane();
  node = await startHollowNode({ client: plane.client, name: 'n1', brokenImage: 'web:broken' });
});

afterAll(async () => {
  node?.stop();
  await plane?.stop();
});

const manifest = (name: string, replicas: number, image = 'web:1'): Deployment => ({
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
  },
});

const setImage = async (name: string, image: string): Promise<unknown> =>
  plane.client.patch(
    deployments,
    name,
    namespace,
    { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } },
    { type: 'strategic' },
  );

const labelled = { namespace, labelSelector: '' };
const podsOf = async (name: string) =>
  (await plane.client.list(pods, { ...labelled, labelSelector: `app=${name}` })).items;
const setsOf = async (name: string) =>
  (await plane.client.list(replicaSets, { ...labelled, labelSelector: `app=${name}` })).items;

const progress = ({ status }: Deployment): string | undefined =>
  status?.conditions?.find(({ type }) => type === 'Progressing')?.reason;

const complete = async (name: string): Promise<Stored<Deployment>> =>
  until(
    `deployment ${name} is complete`,
    async () => {
      const found = await plane.client.get(deployments, name, namespace);
      const { spec, status, metadata } = found;
      const done =
        status?.observedGeneration === metadata.generation &&
        (status?.updatedReplicas ?? 0) === spec?.replicas &&
        (status?.replicas ?? 0) === spec?.replicas &&
        (status?.availableReplicas ?? 0) === spec?.replicas &&
        progress(found) === 'NewReplicaSetAvailable';
      return done && found;
    },
    soon,
  );

/** Events are told beside what they tell of: waits until there are so many. */
const eventsOf = (name: string, count = 1): Promise<string[]> =>
  until(
    `${count} events of ${name}`,
    async () => {
      const { items } = await plane.client.list(events, { namespace, fieldSelector: `involvedObject.name=${name}` });
      return items.length >= count && items.map(({ reason, message }) => `${reason}: ${message}`);
    },
    soon,
  );

describe('a deployment', () => {
  it('creates a replica set and its pods, and reports completion', async () => {
    await plane.client.create(deployments, manifest('create', 3));
    const done = await complete('create');
    expect(done.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
    const [set] = await setsOf('create');
    expect(set?.metadata.name).toMatch(/^create-[bcdfghjklmnpqrstvwxz2456789]+$/);
    expect(set?.status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, fullyLabeledReplicas: 3 });
    for (const pod of await podsOf('create')) {
      expect(pod.metadata.name).toMatch(new RegExp(`^${set?.metadata.name}-[a-z0-9]{5}$`));
      expect(pod.metadata.ownerReferences?.[0]).toMatchObject({
        kind: 'ReplicaSet',
        uid: set?.metadata.uid,
        controller: true,
      });
    }
    expect(await eventsOf(set!.metadata.name, 3)).toHaveLength(3);
    expect(await eventsOf('create')).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 3`,
    ]);
  });

  it('rolls out without falling below what must be available, and back to an earlier revision', async () => {
    await plane.client.create(deployments, manifest('roll', 4));
    await complete('roll');
    let lowest = Infinity;
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { object } of plane.client.watch(deployments, { namespace, signal: stop.signal })) {
        if (object.metadata.name === 'roll') lowest = Math.min(lowest, object.status?.availableReplicas ?? 0);
      }
    })().catch(() => {});
    await setImage('roll', 'web:2');
    const second = await complete('roll');
    expect(second.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
    expect(lowest).toBeGreaterThanOrEqual(3);
    await setImage('roll', 'web:1');
    const third = await complete('roll');
    stop.abort();
    await watching;
    expect(third.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
    const sets = await setsOf('roll');
    expect(sets).toHaveLength(2);
    const back = sets.find(({ spec }) => spec?.replicas === 4);
    expect(back?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    const staying = (await podsOf('roll')).filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(staying.map(({ spec }) => spec?.containers[0]?.image)).toEqual(Array(4).fill('web:1'));
  });

  it('stalls on a broken image while the old pods stay, and says so after the deadline', async () => {
    const stuck = manifest('stuck', 4);
    await plane.client.create(deployments, {
      ...stuck,
      spec: { ...stuck.spec!, progressDeadlineSeconds: 2, minReadySeconds: 0 },
    });
    await complete('stuck');
    await setImage('stuck', 'web:broken');
    const failed = await until(
      'deadline',
      async () => {
        const found = await plane.client.get(deployments, 'stuck', namespace);
        return progress(found) === 'ProgressDeadlineExceeded' && found.status?.updatedReplicas === 2 && found;
      },
      soon,
    );
    expect(failed.status).toMatchObject({ availableReplicas: 3, updatedReplicas: 2 });
    await setImage('stuck', 'web:1');
    await complete('stuck');
  });

  it('replaces everything at once with Recreate', async () => {
    const recreate = manifest('recreate', 2);
    await plane.client.create(deployments, {
      ...recreate,
      spec: { ...recreate.spec!, strategy: { type: 'Recreate' } },
    });
    await complete('recreate');
    await setImage('recreate', 'web:2');
    await complete('recreate');
    expect((await podsOf('recreate')).map(({ spec }) => spec?.containers[0]?.image)).toEqual(['web:2', 'web:2']);
  });

  it('does not roll out while paused, but scales, and resumes', async () => {
    await plane.client.create(deployments, manifest('pause', 2));
    await complete('pause');
    await plane.client.patch(deployments, 'pause', namespace, { spec: { paused: true } });
    await setImage('pause', 'web:2');
    await plane.client.patch(deployments, 'pause', namespace, { spec: { replicas: 3 } });
    await until('scaled', async () => (await setsOf('pause'))[0]?.status?.readyReplicas === 3, soon);
    expect(await setsOf('pause')).toHaveLength(1);
    expect(progress(await plane.client.get(deployments, 'pause', namespace))).toBe('DeploymentPaused');
    await plane.client.patch(deployments, 'pause', namespace, { spec: { paused: null } });
    await complete('pause');
    expect(await setsOf('pause')).toHaveLength(2);
  });

  it('gives up without an error in a namespace that is going away', async () => {
    const leaving = 'leaving';
    await plane.client.create(namespaces, { metadata: { name: leaving, finalizers: ['example.com/hold'] } });
    await plane.client.delete(namespaces, leaving);
    const left = { ...manifest('left', 1), metadata: { name: 'left', namespace: leaving, uid: 'left' } };
    const informer = {
      lister: { get: () => left, byIndex: () => [] },
      addIndex: () => undefined,
      addEventHandler: () => undefined,
    };
    const { reconcile } = deploymentController.create({
      client: plane.client,
      informers: { informer: () => informer },
      clock: systemClock,
    } as never);
    await expect(reconcile('leaving/left', new AbortController().signal)).resolves.toBeUndefined();
    await plane.client.patch(namespaces, leaving, undefined, { metadata: { finalizers: null } }, { type: 'merge' });
  });

  it('keeps no more old replica sets than its history limit', async () => {
    const history = manifest('history', 1);
    await plane.client.create(deployments, { ...history, spec: { ...history.spec!, revisionHistoryLimit: 1 } });
    for (const image of ['web:1', 'web:2', 'web:3', 'web:4']) {
      await setImage('history', image);
      await complete('history');
    }
    expect(await until('cleaned up', async () => (await setsOf('history')).length === 2, soon)).toBe(true);
  });
});

describe('a replica set', () => {
  const bare = (name: string, replicas: number): ReplicaSet => ({
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  const ready = async (name: string, replicas: number): Promise<void> =>
    void (await until(
      `${name} has ${replicas} ready`,
      async () => ((await plane.client.get(replicaSets, name, namespace)).status?.readyReplicas ?? 0) === replicas,
      soon,
    ));

  it('replaces a deleted pod', async () => {
    await plane.client.create(replicaSets, bare('replace', 2));
    await ready('replace', 2);
    const [victim] = await podsOf('replace');
    await plane.client.delete(pods, victim!.metadata.name, namespace);
    const replaced = async (): Promise<boolean> => {
      const all = await podsOf('replace');
      return all.length === 2 && all.every(({ metadata }) => metadata.uid !== victim!.metadata.uid);
    };
    expect(await until('replacement', replaced, soon)).toBe(true);
  });

  it('adopts a matching orphan and releases a pod whose labels changed', async () => {
    await plane.client.create(pods, {
      metadata: { name: 'orphan', namespace, labels: { app: 'adopt' } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    });
    // The budget's count shows that the controllers have heard of the orphan: else they would make two pods of their own.
    await plane.client.create<PodDisruptionBudget>(podDisruptionBudgets, {
      metadata: { name: 'adopt', namespace },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'adopt' } } },
    });
    await until(
      'the orphan is counted',
      async () => (await plane.client.get(podDisruptionBudgets, 'adopt', namespace)).status?.expectedPods === 1,
      soon,
    );
    const set = await plane.client.create(replicaSets, bare('adopt', 2));
    await ready('adopt', 2);
    expect((await plane.client.get(pods, 'orphan', namespace)).metadata.ownerReferences?.[0]?.uid).toBe(
      set.metadata.uid,
    );
    expect(await podsOf('adopt')).toHaveLength(2);
    await plane.client.patch(pods, 'orphan', namespace, { metadata: { labels: { app: 'free' } } });
    await until(
      'released',
      async () => !(await plane.client.get(pods, 'orphan', namespace)).metadata.ownerReferences?.length,
      soon,
    );
    await until('replaced', async () => (await podsOf('adopt')).length === 2, soon);
  });

  it('scales down to zero and reports what cannot be created', async () => {
    await plane.client.create(replicaSets, bare('zero', 3));
    await ready('zero', 3);
    await plane.client.patch(replicaSets, 'zero', namespace, { spec: { replicas: 0 } });
    await until('gone', async () => (await podsOf('zero')).length === 0, soon);
    const bad = bare('bad', 1);
    bad.spec!.template!.spec!.serviceAccountName = 'nobody';
    await plane.client.create(replicaSets, bad);
    const failing = await until(
      'failure',
      async () => (await plane.client.get(replicaSets, 'bad', namespace)).status?.conditions?.[0],
      soon,
    );
    expect(failing).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
    expect((await eventsOf('bad'))[0]).toMatch(
      /^FailedCreate: Error creating: pods "bad-" is forbidden: .*serviceaccount "nobody" not found/,
    );
  });
});

describe('deletion', () => {
  const gone = async (name: string): Promise<boolean> =>
    until(`${name} is gone`, async () => !(await setsOf(name)).length && !(await podsOf(name)).length, soon);

  it('takes replica sets and pods along in the background', async () => {
    await plane.client.create(deployments, manifest('background', 3));
    await complete('background');
    await plane.client.delete(deployments, 'background', namespace, { propagationPolicy: 'Background' });
    expect(await gone('background')).toBe(true);
  });

  it('waits for dependents in the foreground', async () => {
    await plane.client.create(deployments, manifest('foreground', 3));
    await complete('foreground');
    await plane.client.delete(deployments, 'foreground', namespace, { propagationPolicy: 'Foreground' });
    await until(
      'deployment is gone',
      async () =>
        plane.client.get(deployments, 'foreground', namespace).then(
          () => false,
          () => true,
        ),
      soon,
    );
    expect(await setsOf('foreground')).toEqual([]);
    expect(await podsOf('foreground')).toEqual([]);
  });

  it('lets dependents go when they are to be orphaned', async () => {
    await plane.client.create(deployments, manifest('orphans', 2));
    await complete('orphans');
    await plane.client.delete(deployments, 'orphans', namespace, { propagationPolicy: 'Orphan' });
    await until(
      'orphaned',
      async () => (await setsOf('orphans')).every(({ metadata }) => !metadata.ownerReferences?.length),
      soon,
    );
    expect(await podsOf('orphans')).toHaveLength(2);
  });
});

it('computes what a disruption budget allows', async () => {
  await plane.client.create(deployments, manifest('budget', 4));
  await plane.client.create<PodDisruptionBudget>(podDisruptionBudgets, {
    metadata: { name: 'budget', namespace },
    spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'budget' } } },
  });
  const { status } = await until(
    'budget',
    async () => {
      const found = await plane.client.get(podDisruptionBudgets, 'budget', namespace);
      return found.status?.disruptionsAllowed === 2 && found;
    },
    soon,
  );
  expect(status).toMatchObject({ expectedPods: 4, desiredHealthy: 2, currentHealthy: 4 });
});
