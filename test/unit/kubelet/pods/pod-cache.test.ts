import { pino } from 'pino';
import { createPodCache } from '../../../../kubelet/pods/pod-cache';
import { labels } from '../../../../kubelet/runtime/labels';
import type { ContainerStatus, RuntimeEvent } from '../../../../kubelet/runtime/runtime';
import { createFakeClock, settle } from '../../../support/fake-clock';

const ownLabels = { [labels.podUid]: 'u', [labels.containerName]: 'POD' };
const running = {
  id: 'box',
  state: 'running',
  pid: 7,
  labels: ownLabels,
  createdAtMs: 0,
} as unknown as ContainerStatus;
const pod = { uid: 'u', name: 'web', namespace: 'default' };

/** An engine that answers each look when the test says so. */
function setUp() {
  const answers: ((status: ContainerStatus | undefined) => void)[] = [];
  let emit: (event: RuntimeEvent) => void = () => undefined;
  const runtime = {
    inspectContainer: () => new Promise((resolve) => answers.push(resolve)),
    listContainers: () => Promise.resolve([]),
    watchEvents: (onEvent: typeof emit) => {
      emit = onEvent;
      return new Promise(() => undefined);
    },
  };
  const cache = createPodCache({
    runtime: runtime as never,
    clock: createFakeClock(),
    log: pino({ level: 'silent' }),
    addressesOf: () => [],
    podDir: () => '',
    onChange: () => undefined,
    onReconnect: () => undefined,
  });
  void cache.run(new AbortController().signal);
  const send = (action: 'die' | 'destroy'): void => emit({ containerId: 'box', action, labels: ownLabels });
  const answer = async (status: ContainerStatus | undefined): Promise<void> => {
    answers.shift()?.(status);
    await settle();
  };
  return { cache, send, answer, sandboxes: () => cache.status(pod).sandboxes };
}

it('does not bring back a container that went while the engine was answering', async () => {
  const { cache, send, answer, sandboxes } = setUp();
  const look = cache.refresh('box');
  send('destroy');
  await answer(running);
  await expect(look).resolves.toBeUndefined();
  expect(sandboxes()).toEqual([]);
});

it('does not bring back to life a sandbox that died while the engine was answering', async () => {
  const { cache, send, answer, sandboxes } = setUp();
  void cache.refresh('box');
  await answer(running);
  void cache.refresh('box');
  send('die');
  await answer(running);
  expect(sandboxes()).toMatchObject([{ state: 'exited' }]);
  expect(sandboxes()[0]).not.toHaveProperty('pid');
});

it('looks again at a sandbox that died before the first look was answered', async () => {
  const { cache, send, answer, sandboxes } = setUp();
  void cache.refresh('box');
  send('die');
  await answer(running);
  await answer({ ...running, state: 'exited', exitCode: 137 });
  expect(sandboxes()).toMatchObject([{ state: 'exited', exitCode: 137 }]);
});
