import type { ContainerStatus, Pod } from '../../../../api/core/v1/pod';
import { withUnknownEnds } from '../../../../kubelet/pods/unknown-ends';
import { container, podOf } from './pod-fixtures';

const status = (
  name: string,
  state: ContainerStatus['state'],
  more: Partial<ContainerStatus> = {},
): ContainerStatus => ({
  ...{ name, image: '', imageID: '', ready: false, restartCount: 0 },
  ...(state && { state }),
  ...more,
});
const waiting = (name: string): ContainerStatus => status(name, { waiting: { reason: 'PodInitializing' } });
const done = (name: string, exitCode = 0): ContainerStatus => status(name, { terminated: { exitCode, reason: 'r' } });
const crashed = (name: string): ContainerStatus =>
  status(name, { waiting: {} }, { lastState: { terminated: { exitCode: 1 } } });

const pod = (init: string[], more: Partial<Pod> = {}): Pod =>
  podOf({ initContainers: init.map((name) => container(name)) }, more);
const sidecar = (started: boolean): Pod =>
  podOf(
    { initContainers: [container('s', { restartPolicy: 'Always' })] },
    { status: { initContainerStatuses: [status('s', { running: {} }, { started })] } },
  );

it.each<[what: string, pod: Pod, init: ContainerStatus[], app: ContainerStatus[], ends: string]>([
  ['without init containers every container has ended', pod([]), [], [done('a'), waiting('b')], ' | r unknown'],
  [
    'those that never came to their turn still wait',
    pod(['i', 'j']),
    [done('i', 1), waiting('j')],
    [waiting('a')],
    'r - | -',
  ],
  [
    'the first init container counts always',
    pod(['i', 'j']),
    [waiting('i'), waiting('j')],
    [waiting('a')],
    'unknown - | -',
  ],
  [
    'an init container that crashed has ended',
    pod(['i', 'j']),
    [done('i'), crashed('j')],
    [waiting('a')],
    'r unknown | -',
  ],
  ['after the last init container all have ended', pod(['i']), [done('i')], [waiting('a')], 'r | unknown'],
  [
    'a container that ran once tells that all were initialized',
    pod(['i']),
    [waiting('i')],
    [crashed('a')],
    'unknown | unknown',
  ],
  ['a sidecar that was started lets the others start', sidecar(true), [done('s', 1)], [waiting('a')], 'r | unknown'],
  ['one that was not does not', sidecar(false), [done('s', 1)], [waiting('a')], 'r | -'],
])('%s', (_what, of, init, app, ends) => {
  const text = (list: ContainerStatus[]): string =>
    list.map(({ state }) => state?.terminated?.reason?.replace('ContainerStatusUnknown', 'unknown') ?? '-').join(' ');
  const result = withUnknownEnds(of, init, app);
  expect(`${text(result.init)} | ${text(result.app)}`).toBe(ends);
});
