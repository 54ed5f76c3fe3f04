/** The scheduler against a real API server and etcd; nodes are objects only, nothing runs. */
import { events } from '../../../api/core/v1/event';
import { nodes } from '../../../api/core/v1/node';
import { persistentVolumes } from '../../../api/core/v1/persistentvolume';
import { persistentVolumeClaims } from '../../../api/core/v1/persistentvolumeclaim';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { createEventRecorder } from '../../../client/event-recorder';
import { createInformerFactory } from '../../../client/informer-factory';
import { loadKubeconfig } from '../../../client/kubeconfig';
import { createRestClient, type RestClient } from '../../../client/rest-client';
import { systemClock } from '../../../component-base/clock';
import { createLogger } from '../../../component-base/logger';
import { defaultPlugins } from '../../../scheduler/plugins';
import { runScheduler } from '../../../scheduler/scheduler';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { freePort } from '../../support/free-port';
import { makeNode, makePod, type NodeOptions, type PodOptions } from '../../support/scheduling';

const log = createLogger('test');
log.level = process.env['KUBELAB_TEST_V'] ? 'debug' : 'silent';

describe('scheduler', () => {
  let server: TestApiServer;
  let client: RestClient;
  const stop = new AbortController();
  let ended: Promise<void>;

  beforeAll(async () => {
    server = await startTestApiServer({
      'secure-port': String(await freePort()),
      'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition',
    });
    client = createRestClient(await loadKubeconfig(server.kubeconfig), { userAgent: 'kubelab-test' });
    const informers = createInformerFactory({ client, clock: systemClock, log, freeze: true });
    const recorder = createEventRecorder({
      client,
      clock: systemClock,
      component: 'default-scheduler',
      log,
      signal: stop.signal,
    });
    ended = runScheduler(
      { client, informers, recorder, clock: systemClock, log, plugins: defaultPlugins },
      stop.signal,
    );
    await createNode('base', { labels: { test: 'base' } });
  });

  afterAll(async () => {
    stop.abort();
    await ended?.catch(() => {});
    await client?.close();
    await server?.stop();
  });

  async function createNode(name: string, options: NodeOptions): Promise<void> {
    const { metadata, spec, status } = makeNode(name, options);
    const created = await client.create(nodes, {
      metadata: { name, labels: metadata.labels ?? {} },
      ...(spec && { spec }),
    });
    await client.updateStatus(nodes, { ...created, ...(status && { status }) });
  }

  const createPod = (name: string, options: PodOptions = {}): Promise<Pod> => {
    const { metadata, spec } = makePod(name, options);
    return client.create<Pod>(pods, {
      metadata: { name, namespace: 'default', ...(metadata.labels && { labels: metadata.labels }) },
      ...(spec && { spec }),
    });
  };
  const onlyOn = (test: string): PodOptions => ({ nodeSelector: { test } });

  /** Watches the pod until it is as asked. */
  async function podUntil(name: string, condition: (pod: Pod) => boolean): Promise<Pod> {
    const signal = AbortSignal.timeout(60_000);
    const scope = { namespace: 'default', fieldSelector: `metadata.name=${name}`, signal };
    const { items, metadata } = await client.list(pods, scope);
    if (items[0] && condition(items[0])) return items[0];
    for await (const { object } of client.watch(pods, { ...scope, resourceVersion: metadata.resourceVersion ?? '' })) {
      if (condition(object)) return object;
    }
    throw new Error(`the watch of pod ${name} ended`);
  }
  const scheduled = (pod: Pod): boolean => pod.spec?.nodeName !== undefined;
  const conditionOf = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  async function eventOf(name: string, reason: string): Promise<string | undefined> {
    const signal = AbortSignal.timeout(60_000);
    const scope = { namespace: 'default', fieldSelector: `involvedObject.name=${name},reason=${reason}`, signal };
    const { items, metadata } = await client.list(events, scope);
    if (items[0]) return items[0].message;
    for await (const { object } of client.watch(events, {
      ...scope,
      resourceVersion: metadata.resourceVersion ?? '',
    })) {
      return object.message;
    }
    return undefined;
  }

  it('binds a pod and says so', async () => {
    await createPod('simple', onlyOn('base'));
    const pod = await podUntil('simple', scheduled);
    expect(pod.spec?.nodeName).toBe('base');
    expect(conditionOf(pod)?.status).toBe('True');
    expect(await eventOf('simple', 'Scheduled')).toBe('Successfully assigned default/simple to base');
  });

  it('says why a pod waits, and schedules it once a node fits', async () => {
    await createPod('waiting', { ...onlyOn('late'), requests: { cpu: '1' } });
    const pod = await podUntil('waiting', (each) => conditionOf(each)?.reason === 'Unschedulable');
    expect(pod.spec?.nodeName).toBeUndefined();
    const message = conditionOf(pod)?.message ?? '';
    expect(message).toMatch(
      /^0\/(\d+) nodes are available: \1 node\(s\) didn't match Pod's node affinity\/selector\. preemption: 0\/\1 nodes are available: \1 Preemption is not helpful for scheduling\.$/,
    );
    expect(await eventOf('waiting', 'FailedScheduling')).toBe(message);
    await createNode('late', { labels: { test: 'late' } });
    expect((await podUntil('waiting', scheduled)).spec?.nodeName).toBe('late');
  });

  it('schedules a pod when the one in its way is gone', async () => {
    await createNode('narrow', { labels: { test: 'narrow' }, allocatable: { cpu: '1' } });
    await createPod('first', { ...onlyOn('narrow'), requests: { cpu: '1' } });
    await podUntil('first', scheduled);
    await createPod('second', { ...onlyOn('narrow'), requests: { cpu: '1' } });
    const pod = await podUntil('second', (each) => conditionOf(each)?.reason === 'Unschedulable');
    expect(conditionOf(pod)?.message).toContain('1 Insufficient cpu');
    await client.delete(pods, 'first', 'default', { gracePeriodSeconds: 0 });
    expect((await podUntil('second', scheduled)).spec?.nodeName).toBe('narrow');
  });

  it('evicts a less important pod', async () => {
    await client.raw({
      method: 'POST',
      path: '/apis/scheduling.k8s.io/v1/priorityclasses',
      body: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 },
    });
    await createNode('contended', { labels: { test: 'contended' }, allocatable: { cpu: '1' } });
    await createPod('victim', { ...onlyOn('contended'), requests: { cpu: '1' } });
    await podUntil('victim', scheduled);
    await createPod('urgent', { ...onlyOn('contended'), requests: { cpu: '1' }, priorityClassName: 'urgent' });
    await podUntil('urgent', (pod) => pod.status?.nominatedNodeName === 'contended');
    const victim = await podUntil('victim', (pod) => pod.metadata?.deletionTimestamp !== undefined);
    expect(victim.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason).toBe(
      'PreemptionByScheduler',
    );
    await client.delete(pods, 'victim', 'default', { gracePeriodSeconds: 0 });
    expect((await podUntil('urgent', scheduled)).spec?.nodeName).toBe('contended');
  });

  it('gives the room that was kept for a pod to others when that pod is gone', async () => {
    await createNode('promised', { labels: { test: 'promised' }, allocatable: { cpu: '2' } });
    await createPod('tenant', { ...onlyOn('promised'), requests: { cpu: '1' } });
    await podUntil('tenant', scheduled);
    await createPod('wide', { ...onlyOn('promised'), requests: { cpu: '2' }, priorityClassName: 'urgent' });
    await podUntil('wide', (pod) => pod.status?.nominatedNodeName === 'promised');
    await createPod('modest', { ...onlyOn('promised'), requests: { cpu: '1' } });
    await podUntil('modest', (pod) => conditionOf(pod)?.reason === 'Unschedulable');
    await client.delete(pods, 'wide', 'default');
    expect((await podUntil('modest', scheduled)).spec?.nodeName).toBe('promised');
  });

  it('spreads anew when the node of the emptiest zone is gone', async () => {
    const zone = 'topology.kubernetes.io/zone';
    await createNode('zoned-a', { labels: { test: 'zoned', [zone]: 'a' } });
    await createNode('zoned-b', { labels: { test: 'zoned', [zone]: 'b' }, spec: { unschedulable: true } });
    // Only once the scheduler knows the second zone has it to be minded.
    await createPod('probe', {
      nodeSelector: { [zone]: 'b' },
      tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }],
    });
    await podUntil('probe', scheduled);
    const labels = { app: 'spread' };
    const spread = {
      ...onlyOn('zoned'),
      labels,
      topologySpreadConstraints: [
        {
          topologyKey: zone,
          maxSkew: 1,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: labels },
        },
      ],
    };
    await createPod('spread-1', spread);
    await podUntil('spread-1', scheduled);
    await createPod('spread-2', spread);
    await podUntil('spread-2', (pod) => conditionOf(pod)?.reason === 'Unschedulable');
    await client.delete(nodes, 'zoned-b');
    expect((await podUntil('spread-2', scheduled)).spec?.nodeName).toBe('zoned-a');
  });

  it('preempts on one node only, however soon the first of its victims is gone', async () => {
    const victims: string[] = [];
    for (const node of ['pair-1', 'pair-2']) {
      await createNode(node, { labels: { test: 'pairs' }, allocatable: { cpu: '4' } });
      for (const i of [1, 2, 3, 4]) {
        victims.push(`${node}-${i}`);
        await createPod(`${node}-${i}`, {
          nodeSelector: { 'kubernetes.io/hostname': node },
          requests: { cpu: '1' },
          terminationGracePeriodSeconds: 0,
        });
      }
    }
    await Promise.all(victims.map((name) => podUntil(name, scheduled)));
    await createPod('vast', { ...onlyOn('pairs'), requests: { cpu: '4' }, priorityClassName: 'urgent' });
    const { spec } = await podUntil('vast', scheduled);
    const { items } = await client.list(pods, { namespace: 'default' });
    const left = items.map(({ metadata }) => metadata.name).filter((name) => victims.includes(name));
    expect(left).toEqual(victims.filter((name) => !name.startsWith(spec?.nodeName ?? '')));
  });

  it('takes no more victims than several preemptors at once need', async () => {
    const names: string[] = [];
    for (const node of ['storm-1', 'storm-2', 'storm-3']) {
      await createNode(node, { labels: { test: 'storm' }, allocatable: { cpu: '1' } });
      for (let i = 0; i < 10; i++) names.push(`${node}-${i}`);
    }
    const small = { ...onlyOn('storm'), labels: { storm: 'victim' }, requests: { cpu: '100m' } };
    await Promise.all(names.map((name) => createPod(name, { ...small, terminationGracePeriodSeconds: 0 })));
    await Promise.all(names.map((name) => podUntil(name, scheduled)));
    const urgent = ['urgent-1', 'urgent-2', 'urgent-3', 'urgent-4'];
    const half = { ...onlyOn('storm'), requests: { cpu: '500m' }, priorityClassName: 'urgent' };
    await Promise.all(urgent.map((name) => createPod(name, half)));
    await Promise.all(urgent.map((name) => podUntil(name, scheduled)));
    const { items } = await client.list(pods, { namespace: 'default', labelSelector: 'storm=victim' });
    expect(items).toHaveLength(10);
  });

  it('schedules a pod once its claim is there and bound', async () => {
    await createPod('claiming', {
      ...onlyOn('base'),
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    });
    const messageUntil = async (text: string): Promise<void> => {
      await podUntil('claiming', (pod) => conditionOf(pod)?.message?.includes(text) === true);
    };
    await messageUntil('nodes are available: persistentvolumeclaim "data" not found. preemption: 0/');
    const size = { storage: '1Gi' };
    const claim = await client.create(persistentVolumeClaims, {
      metadata: { name: 'data', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: size }, storageClassName: '' },
    });
    await messageUntil('nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/');
    await client.create(persistentVolumes, {
      metadata: { name: 'disk' },
      spec: { accessModes: ['ReadWriteOnce'], capacity: size, hostPath: { path: '/data' } },
    });
    await client.patch(persistentVolumeClaims, 'data', 'default', {
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' }, uid: claim.metadata.uid },
      spec: { volumeName: 'disk' },
    });
    expect((await podUntil('claiming', scheduled)).spec?.nodeName).toBe('base');
  });

  it('goes on after the API server was restarted', async () => {
    await server.restart();
    await createPod('after', onlyOn('base'));
    expect((await podUntil('after', scheduled)).spec?.nodeName).toBe('base');
  });

  it('spreads a thousand pods over nodes within seconds', async () => {
    for (const name of ['big1', 'big2', 'big3']) {
      await createNode(name, { labels: { test: 'big' }, allocatable: { cpu: '400', memory: '400Gi', pods: '500' } });
    }
    const startedAt = Date.now();
    const signal = AbortSignal.timeout(110_000);
    const scope = { namespace: 'default', labelSelector: 'many=true', signal };
    const { metadata } = await client.list(pods, scope);
    const placed = new Map<string, string>();
    const all = (async () => {
      for await (const { object } of client.watch(pods, {
        ...scope,
        resourceVersion: metadata.resourceVersion ?? '',
      })) {
        if (object.spec?.nodeName) placed.set(object.metadata.name, object.spec.nodeName);
        if (placed.size === 1000) return;
      }
    })();
    const names = Array.from({ length: 1000 }, (_, i) => `many-${i}`);
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let name = names.pop(); name; name = names.pop()) {
          await createPod(name, { ...onlyOn('big'), labels: { many: 'true' }, requests: { cpu: '100m' } });
        }
      }),
    );
    const createdAt = Date.now();
    await all;
    const counts = ['big1', 'big2', 'big3'].map((node) => [...placed.values()].filter((each) => each === node).length);
    if (process.env['KUBELAB_TEST_V']) {
      process.stdout.write(
        `created in ${createdAt - startedAt} ms, all placed ${Date.now() - createdAt} ms later: ${counts}\n`,
      );
    }
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(50);
  });
});
