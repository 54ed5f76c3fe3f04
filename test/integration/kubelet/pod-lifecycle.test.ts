/** Pods from start to end on the real engine. */
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { Container, PodStatus } from '../../../api/core/v1/pod';
import { execSync } from '../../../kubelet/runtime/exec-sync';
import { type NodeUnderTest, startNode } from './node-under-test';

const shell = (script: string, more: Partial<Container> = {}): Container => ({
  name: 'main',
  image: 'kubelab/busybox:1',
  command: ['/bin/sh', '-c', script],
  ...more,
});

const loop = 'while true; do sleep 1 & wait $!; done';
const sleeper = `trap "exit 0" TERM; ${loop}`;
const stateOf = (status: PodStatus, index = 0) => status.containerStatuses?.[index];
const isRunning = (status: PodStatus): boolean => stateOf(status)?.state?.running !== undefined;
const isReady = (status: PodStatus): boolean =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
const idOf = (status: PodStatus): string => stateOf(status)?.containerID?.slice('docker://'.length) ?? '';

const get = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    http
      .get({ host, port, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve(body));
      })
      .on('error', reject);
  });

describe('a pod on a node', () => {
  let node: NodeUnderTest;
  beforeAll(async () => {
    node = await startNode();
  });
  afterAll(async () => {
    await node.close();
  });

  it('runs, has an address, becomes ready, and leaves nothing behind when deleted', async () => {
    const pod = node.pod('web', {
      containers: [
        shell('mkdir -p /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www', {
          readinessProbe: { httpGet: { path: '/index.html', port: 8080 as never }, periodSeconds: 1 },
        }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    const status = await node.waitForStatus(uid, isReady, 'the pod to be ready');
    expect(status.phase).toBe('Running');
    expect(await get(status.podIP ?? '', 8080)).toBe('hello\n');
    expect(node.events.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Pulled', 'Created', 'Started']));
    node.remove(pod, 1);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
    const left = await node.runtime.listContainers();
    expect(left.filter(({ name }) => name.includes(uid))).toEqual([]);
    await expect(readFile(`${node.engine.volumes.podDir(uid)}/etc-hosts`)).rejects.toThrow('ENOENT');
  });

  it('runs init containers in order and shares an emptyDir with the app', async () => {
    const mounts = [{ name: 'data', mountPath: '/data' }];
    const pod = node.pod('inits', {
      restartPolicy: 'Never',
      volumes: [{ name: 'data', emptyDir: {} }],
      initContainers: [
        shell('echo one >> /data/log', { name: 'first', volumeMounts: mounts }),
        shell('echo two >> /data/log', { name: 'second', volumeMounts: mounts }),
      ],
      containers: [shell('cat /data/log > /dev/termination-log', { volumeMounts: mounts })],
    });
    node.engine.workers.update(pod);
    const status = await node.waitForStatus(pod.metadata?.uid ?? '', ({ phase }) => phase === 'Succeeded', 'success');
    expect(stateOf(status)?.state?.terminated).toMatchObject({
      exitCode: 0,
      reason: 'Completed',
      message: 'one\ntwo\n',
    });
    expect(status.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
  });

  it('starts the app once a sidecar without probes runs', async () => {
    const pod = node.pod('beside', {
      initContainers: [shell(sleeper, { name: 'side', restartPolicy: 'Always' })],
      containers: [shell(sleeper)],
    });
    node.engine.workers.update(pod);
    const status = await node.waitForStatus(pod.metadata?.uid ?? '', isReady, 'the pod to be ready');
    expect(status.phase).toBe('Running');
    node.remove(pod, 1);
  });

  it('restarts a crashed container at once, then backs off', async () => {
    const pod = node.pod('crash', { containers: [shell('exit 3')] });
    node.engine.workers.update(pod);
    const status = await node.waitForStatus(
      pod.metadata?.uid ?? '',
      (now) => stateOf(now)?.state?.waiting?.reason === 'CrashLoopBackOff',
      'the crash loop',
    );
    expect(stateOf(status)?.restartCount).toBe(1);
    expect(stateOf(status)?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(stateOf(status)?.state?.waiting?.message).toBe(
      `back-off 10s restarting failed container=main pod=crash_default(${pod.metadata?.uid})`,
    );
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(pod.metadata?.uid ?? ''), 'the pod to be gone');
  });

  it('says why a container cannot start', async () => {
    const pod = node.pod('wrong', {
      containers: [
        shell('true', { name: 'a-missing-image', image: 'kubelab/none:1', imagePullPolicy: 'Never' }),
        shell('true', { name: 'b-missing-command', command: ['/no/such/program'] }),
        shell('true', { name: 'c-bad-name', image: 'Not A Name' }),
        shell('true', {
          name: 'd-missing-map',
          env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'x' } } }],
        }),
      ],
    });
    node.engine.workers.update(pod);
    const reasons = (status: PodStatus): (string | undefined)[] =>
      (status.containerStatuses ?? []).map(({ state }) => state?.waiting?.reason);
    const status = await node.waitForStatus(
      pod.metadata?.uid ?? '',
      (now) =>
        JSON.stringify(reasons(now)) ===
        JSON.stringify(['ErrImageNeverPull', 'RunContainerError', 'InvalidImageName', 'CreateContainerConfigError']),
      'the four reasons',
    );
    expect(status.phase).toBe('Pending');
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(pod.metadata?.uid ?? ''), 'the pod to be gone');
  });

  it('tells of pull secrets that are missing when it pulls', async () => {
    const pod = node.pod('unpulled', {
      imagePullSecrets: [{ name: 'one' }, { name: 'two' }],
      containers: [{ name: 'main', image: '127.0.0.1:1/none:1' }],
    });
    node.secrets.set('default/one', { metadata: { name: 'one' } });
    node.engine.workers.update(pod);
    const told = () => node.events.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret')?.message;
    await node.waitFor(() => told() !== undefined, 'the event');
    expect(told()).toBe(
      'Unable to retrieve some image pull secrets (two); attempting to pull the image may not succeed.',
    );
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(pod.metadata?.uid ?? ''), 'the pod to be gone');
  });

  it('starts no pod without the user namespace it asks for', async () => {
    const pod = node.pod('unmapped', { hostUsers: false, containers: [shell(sleeper)] });
    node.engine.workers.update(pod);
    const refusal = () => node.events.find(({ reason }) => reason === 'FailedCreatePodSandBox')?.message;
    await node.waitFor(() => refusal() !== undefined, 'the refusal');
    expect(refusal()).toBe(
      "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    );
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(pod.metadata?.uid ?? ''), 'the pod to be gone');
  });

  it('brings a container back by its own rule in a pod that restarts nothing', async () => {
    const pod = node.pod('rules', {
      restartPolicy: 'Never',
      containers: [
        shell('exit 42', {
          restartPolicy: 'Never',
          restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
        }),
      ],
    });
    node.engine.workers.update(pod);
    const status = await node.waitForStatus(
      pod.metadata?.uid ?? '',
      (now) => (stateOf(now)?.restartCount ?? 0) > 0,
      'the restart',
    );
    expect(status.phase).toBe('Running');
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(pod.metadata?.uid ?? ''), 'the pod to be gone');
  });

  it('kills what fails its liveness probe and what takes too much memory', async () => {
    const pod = node.pod('unwell', {
      containers: [
        shell(`touch /alive; sleep 1; rm /alive; ${sleeper}`, {
          livenessProbe: { exec: { command: ['test', '-e', '/alive'] }, periodSeconds: 1, failureThreshold: 1 },
        }),
        shell('exec tail /dev/zero', { name: 'oom', resources: { limits: { memory: '16Mi' } } }),
      ],
    });
    node.engine.workers.update(pod);
    const uid = pod.metadata?.uid ?? '';
    await node.waitForStatus(
      uid,
      (status) => stateOf(status, 1)?.lastState?.terminated?.reason === 'OOMKilled',
      'the OOM kill',
    );
    await node.waitForStatus(uid, (status) => (stateOf(status)?.restartCount ?? 0) > 0, 'the liveness restart');
    expect(node.events).toContainEqual(
      expect.objectContaining({
        reason: 'Killing',
        message: 'Container main failed liveness probe, will be restarted',
      }),
    );
    node.remove(pod, 0);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
  });

  it('updates a mounted config map and starts once a missing one appears', async () => {
    const pod = node.pod('config', {
      volumes: [
        { name: 'conf', configMap: { name: 'late' } },
        { name: 'more', secret: { secretName: 'later' } },
      ],
      containers: [shell(sleeper, { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] })],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    const mountFailures = (): string[] =>
      node.events.filter(({ reason }) => reason === 'FailedMount').map(({ message }) => message);
    await node.waitFor(() => mountFailures().length >= 2, 'the FailedMount events');
    expect(mountFailures().slice(0, 2)).toEqual([
      'MountVolume.SetUp failed for volume "conf" : configmap "late" not found',
      'MountVolume.SetUp failed for volume "more" : secret "later" not found',
    ]);
    node.secrets.set('default/later', { metadata: { name: 'later' } });
    node.configMaps.set('default/late', { metadata: { name: 'late' }, data: { key: 'one' } });
    node.engine.workers.trigger(uid);
    const status = await node.waitForStatus(uid, isRunning, 'the pod to run');
    const read = async (): Promise<string> =>
      (await execSync(node.runtime, idOf(status), ['cat', '/conf/key'], 5000)).output;
    expect(await read()).toBe('one');
    node.configMaps.set('default/late', { metadata: { name: 'late' }, data: { key: 'two' } });
    node.engine.workers.trigger(uid);
    await node.engine.workers.idle();
    expect(await read()).toBe('two');
    node.remove(pod, 1);
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
  });

  it('runs the preStop hook and gives the process its grace', async () => {
    const pod = node.pod('graceful', {
      terminationGracePeriodSeconds: 20,
      volumes: [{ name: 'out', emptyDir: {} }],
      containers: [
        shell(`trap "echo term > /dev/termination-log; exit 7" TERM; touch /trapped; ${loop}`, {
          readinessProbe: { exec: { command: ['test', '-e', '/trapped'] }, periodSeconds: 1 },
          lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 1; echo stopped > /proc/1/fd/1'] } } },
        }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    await node.waitForStatus(uid, isReady, 'the trap to be set');
    node.remove(pod, 20);
    const ended = await node.waitForStatus(
      uid,
      (status) => stateOf(status)?.state?.terminated !== undefined,
      'the end',
    );
    expect(stateOf(ended)?.state?.terminated).toMatchObject({ exitCode: 7, message: 'term\n' });
    await node.waitFor(() => node.gone.has(uid), 'the pod to be gone');
  });

  it('adopts everything after a restart of the kubelet', async () => {
    const pod = node.pod('adopted', {
      containers: [
        shell(`touch /ready; ${sleeper}`, { readinessProbe: { exec: { command: ['test', '-e', '/ready'] } } }),
      ],
    });
    const uid = pod.metadata?.uid ?? '';
    node.engine.workers.update(pod);
    const before = await node.waitForStatus(uid, isReady, 'the pod to be ready');
    await node.restart();
    await node.engine.workers.idle();
    const after = node.statusOf(uid) as PodStatus;
    expect(after).toEqual(before);
    expect(isReady(after)).toBe(true);
    // A sandbox that dies takes the pod along: the same pod comes back with one restart more.
    const sandbox = node.engine.cache.status({ uid, name: 'adopted', namespace: 'default' }).sandboxes[0];
    await node.runtime.killContainer(sandbox?.id ?? '', 'SIGKILL');
    const back = await node.waitForStatus(
      uid,
      (now) => stateOf(now)?.restartCount === 1 && isReady(now),
      'the restart',
    );
    expect(idOf(back)).not.toBe(idOf(before));
    expect(node.events).toContainEqual(expect.objectContaining({ reason: 'SandboxChanged' }));
    // Its object is gone while the kubelet looks away: what is left is killed by what the labels say.
    node.engine.workers.remove({ uid, name: 'adopted', namespace: 'default' });
    await node.waitFor(() => !node.engine.workers.has(uid), 'the orphan to be gone');
    expect((await node.runtime.listContainers()).filter(({ name }) => name.includes(uid))).toEqual([]);
  });
});
