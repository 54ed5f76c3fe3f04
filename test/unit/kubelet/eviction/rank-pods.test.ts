import type { Pod } from '../../../../api/core/v1/pod';
import { rankPods, type Usages } from '../../../../kubelet/eviction/rank-pods';
import type { StarvedResource } from '../../../../kubelet/eviction/signals';
import { container, podOf } from '../pods/pod-fixtures';

type Candidate = [name: string, used: number | undefined, requested: string, priority: number];

function rank(resource: StarvedResource, candidates: Candidate[]): string {
  const pods = candidates.map(([name, , requested, priority]): Pod =>
    podOf(
      { priority, containers: [container('app', { resources: { requests: { [resource]: requested } } })] },
      { metadata: { name, uid: name } },
    ),
  );
  const usages: Usages = new Map(
    candidates.flatMap(([name, amount]) => (amount === undefined ? [] : [[name, { amount, containers: [] }]])),
  );
  return rankPods(pods, resource, usages)
    .map(({ metadata }) => metadata?.name)
    .join(' ');
}

it.each<[what: string, resource: StarvedResource, candidates: Candidate[], order: string]>([
  [
    'who uses more than asked for first',
    'memory',
    [
      ['a', 9, '10', 0],
      ['b', 2, '1', 0],
    ],
    'b a',
  ],
  [
    'of those the low priority first',
    'memory',
    [
      ['a', 99, '1', 5],
      ['b', 2, '1', 0],
    ],
    'b a',
  ],
  [
    'of the same priority the largest excess first',
    'memory',
    [
      ['a', 50, '45', 0],
      ['b', 10, '1', 0],
    ],
    'b a',
  ],
  [
    'within what was asked for the low priority first',
    'memory',
    [
      ['a', 1, '9', 0],
      ['b', 8, '9', 1],
    ],
    'a b',
  ],
  [
    'then who has least left',
    'memory',
    [
      ['a', 1, '9', 0],
      ['b', 8, '9', 0],
    ],
    'b a',
  ],
  [
    'who is not known before all others',
    'memory',
    [
      ['a', 99, '1', 0],
      ['b', undefined, '1', 9],
    ],
    'b a',
  ],
  [
    'disks like memory',
    'ephemeral-storage',
    [
      ['a', 9, '10', 0],
      ['b', 2, '1', 0],
    ],
    'b a',
  ],
  [
    'inodes, which nobody asks for, by use',
    'inodes',
    [
      ['a', 9, '10', 0],
      ['b', 2, '1', 0],
    ],
    'a b',
  ],
  [
    'processes by priority',
    'pids',
    [
      ['a', 9, '0', 1],
      ['b', 2, '0', 0],
      ['c', undefined, '0', 1],
    ],
    'b c a',
  ],
  [
    'processes of the same priority by number',
    'pids',
    [
      ['a', 2, '0', 0],
      ['b', 9, '0', 0],
    ],
    'b a',
  ],
])('ranks %s', (_what, resource, candidates, order) => {
  expect(rank(resource, candidates)).toBe(order);
});
