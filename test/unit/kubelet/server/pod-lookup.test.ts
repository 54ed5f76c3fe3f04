import type { Pod } from '../../../../api/core/v1/pod';
import { logContainer, requirePod, runningContainer } from '../../../../kubelet/server/pod-lookup';

const podWith = (status: object): Pod =>
  ({
    metadata: { name: 'web', namespace: 'default', uid: 'u' },
    status: { containerStatuses: [{ name: 'main', restartCount: 0, ...status }] },
  }) as never;

describe('requirePod', () => {
  it('throws NotFound for a pod the kubelet does not have', () => {
    const pods = { list: () => [], get: () => undefined, sandboxId: () => undefined };
    expect(() => requirePod(pods, 'default', 'web')).toThrow('pods "web" not found');
  });
});

describe('runningContainer', () => {
  it('gives the id without its scheme', () => {
    expect(runningContainer(podWith({ containerID: 'docker://abc', state: { running: {} } }), 'main')).toBe('abc');
  });

  it.each([
    ['is unknown', 'other', { containerID: 'docker://abc', state: { running: {} } }],
    ['has ended', 'main', { containerID: 'docker://abc', state: { terminated: { exitCode: 0 } } }],
    ['waits', 'main', { state: { waiting: { reason: 'ContainerCreating' } } }],
  ])('throws when the container %s', (_why, container, status) => {
    expect(() => runningContainer(podWith(status), container)).toThrow(`container not found ("${container}")`);
  });
});

describe('logContainer', () => {
  const terminated = (id: string): object => ({ terminated: { exitCode: 1, containerID: `docker://${id}` } });

  it.each([
    ['the running one', { containerID: 'docker://now', state: { running: {} }, lastState: terminated('old') }, 'now'],
    ['the one that ended', { state: terminated('ended') }, 'ended'],
    ['the last one while the next waits', { state: { waiting: {} }, lastState: terminated('old') }, 'old'],
  ])('gives %s', (_what, status, id) => {
    expect(logContainer(podWith(status), 'main', false)).toBe(id);
  });

  it('gives the one before when asked for it', () => {
    const pod = podWith({ containerID: 'docker://now', state: { running: {} }, lastState: terminated('old') });
    expect(logContainer(pod, 'main', true)).toBe('old');
    expect(() => logContainer(podWith({ state: { running: {} } }), 'main', true)).toThrow(
      'previous terminated container "main" in pod "web" not found',
    );
  });

  it.each([
    ['ContainerCreating', 'is waiting to start: ContainerCreating'],
    ['ErrImagePull', "is waiting to start: image can't be pulled"],
    ['ImagePullBackOff', 'is waiting to start: trying and failing to pull image'],
  ])('explains a container that waits with %s', (reason, message) => {
    expect(() => logContainer(podWith({ state: { waiting: { reason } } }), 'main', false)).toThrow(
      `container "main" in pod "web" ${message}`,
    );
  });

  it('throws for a container without a status', () => {
    expect(() => logContainer(podWith({}), 'other', false)).toThrow('container "other" in pod "web" is not available');
  });
});
