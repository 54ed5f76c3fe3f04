import { holdsResources, type PodHold } from '../../../../kubelet/pods/holds-resources';
import { podOf } from './pod-fixtures';

const running = { pod: podOf({}), removed: false, refused: false, terminated: false, runs: true };
const finished = podOf({}, { status: { phase: 'Succeeded' } });

it.each<[what: string, hold: Partial<PodHold>, holds: boolean]>([
  ['a running pod', {}, true],
  ['one that is to be started', { runs: false }, true],
  ['one that is known by its containers only', { pod: undefined }, false],
  ['one that is gone from the API', { removed: true }, false],
  ['one that the node does not take', { refused: true, runs: false }, false],
  ['one that has ended', { terminated: true, runs: false }, false],
  ['one that had ended before the kubelet came', { pod: finished, runs: false }, false],
  ['one that is said to have ended but runs', { pod: finished }, true],
])('%s', (_what, hold, holds) => {
  expect(holdsResources({ ...running, ...hold })).toBe(holds);
});
