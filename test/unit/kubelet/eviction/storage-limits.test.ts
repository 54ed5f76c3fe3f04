import type { Container, Pod } from '../../../../api/core/v1/pod';
import { exceededLimit, hasStorageLimits } from '../../../../kubelet/eviction/storage-limits';
import { createStorageWatch } from '../../../../kubelet/eviction/storage-watch';
import { createFakeClock } from '../../../support/fake-clock';
import { container, podOf } from '../pods/pod-fixtures';

const limited = (name: string, limit?: string): Container =>
  container(name, { ...(limit && { resources: { limits: { 'ephemeral-storage': limit } } }) });
const withVolume = (sizeLimit?: string): Pod =>
  podOf({ volumes: [{ name: 'v', emptyDir: { ...(sizeLimit && { sizeLimit }) } }] });

it.each<[what: string, pod: Pod, has: boolean]>([
  ['nothing', podOf({}), false],
  ['a volume', withVolume('1Mi'), true],
  ['a volume of any size', withVolume(), false],
  ['a volume of size 0, which is any', withVolume('0'), false],
  ['a container', podOf({ containers: [limited('app', '1Mi')] }), true],
])('limits on %s are to be watched', (_what, pod, has) => {
  expect(hasStorageLimits(pod)).toBe(has);
});

const mib = 2 ** 20;

it.each<[pod: Pod, volume: number, a: number, b: number, message: string | undefined]>([
  [withVolume('1Mi'), mib, 9, 9, undefined],
  [withVolume('1Mi'), mib + 1, 0, 0, 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '],
  [podOf({ containers: [limited('a', '1Mi'), limited('b', '2Mi')] }), mib, mib, mib, undefined],
  [
    podOf({ containers: [limited('a', '1Mi'), limited('b', '2Mi')] }),
    mib,
    mib,
    mib + 1,
    'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ',
  ],
  [
    podOf({ containers: [limited('a', '1Mi'), limited('b', '2Mi')] }),
    0,
    mib + 1,
    0,
    'Container a exceeded its local ephemeral storage limit "1Mi". ',
  ],
])('what is beyond a limit is told: %#', (pod, volume, a, b, message) => {
  const containers = new Map([
    ['a', a],
    ['b', b],
  ]);
  expect(exceededLimit(pod, { volumes: new Map([['v', volume]]), containers, total: volume + a + b })).toBe(message);
});

it('leaves a pod alone for longer whose files took long to count', async () => {
  const clock = createFakeClock();
  let looks = 0;
  const find = createStorageWatch({
    clock,
    async measure() {
      looks += 1;
      await clock.advance(1_000);
      return { volumes: new Map([['v', 2 * mib]]), containers: new Map(), total: 2 * mib };
    },
  });
  const pods = [withVolume('1Mi'), podOf({}, { metadata: { uid: 'other' } })];
  expect((await find(pods)).map(({ message }) => message)).toHaveLength(1);
  await clock.advance(19_999);
  expect(await find(pods)).toEqual([]);
  await clock.advance(1);
  expect(await find(pods)).toHaveLength(1);
  expect(looks).toBe(2);
});
