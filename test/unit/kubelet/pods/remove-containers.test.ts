import { pino } from 'pino';
import { removeSandbox } from '../../../../kubelet/pods/remove-containers';
import type { ContainerState } from '../../../../kubelet/runtime/runtime';

function setUp(left: ContainerState | undefined) {
  const done: string[] = [];
  const busy = new Error('driver "overlay2" failed to remove root filesystem: device or resource busy');
  const deps = {
    runtime: {
      killFirstProcess: async (id: string, pid: number) => void done.push(`kill ${id} ${pid}`),
      removeContainer: () => (left ? Promise.reject(busy) : Promise.resolve()),
    },
    cache: {
      container: () => ({ pid: 7 }),
      refresh: () => Promise.resolve(left && { state: left }),
      forget: (id: string) => void done.push(`forget ${id}`),
    },
    network: { tearDown: async (id: string) => void done.push(`tear down ${id}`) },
    log: pino({ level: 'silent' }),
  };
  return { done, remove: () => removeSandbox(deps as never, 'box') };
}

it('kills and removes the sandbox, forgets it, and gives its address back', async () => {
  const { done, remove } = setUp(undefined);
  await remove();
  expect(done).toEqual(['kill box 7', 'forget box', 'tear down box']);
});

it('goes on without a dead one that the engine cannot remove, and remembers it', async () => {
  const { done, remove } = setUp('exited');
  await remove();
  expect(done).toEqual(['kill box 7', 'tear down box']);
});

it('throws when it runs on', async () => {
  const { done, remove } = setUp('running');
  await expect(remove()).rejects.toThrow('device or resource busy');
  expect(done).toEqual(['kill box 7']);
});
