import type { Pod } from '../../../../api/core/v1/pod';
import { inOrder, judgeResize } from '../../../../kubelet/allocation/judge-resize';
import { container, podOf } from '../pods/pod-fixtures';

const asking = (cpu: string, memory = '1Gi', more: Partial<NonNullable<Pod['spec']>> = {}): Pod =>
  podOf({ containers: [container('app', { resources: { requests: { cpu, memory } } })], ...more });
const node = { cpu: '4', memory: '8Gi' };

describe('judgeResize', () => {
  it.each<[what: string, wanted: Pod, given: Pod, others: Pod[], expected: object | undefined]>([
    ['grants what fits', asking('2'), asking('1'), [asking('2')], undefined],
    [
      'defers what does not fit now',
      asking('2500m'),
      asking('1'),
      [asking('2')],
      {
        reason: 'Deferred',
        message: "Node didn't have enough resource: cpu, requested: 2500, used: 2000, capacity: 4000",
      },
    ],
    [
      'calls infeasible what never fits, memory first',
      asking('5', '9Gi'),
      asking('1'),
      [],
      {
        reason: 'Infeasible',
        message: "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
      },
    ],
    ['grants what shrinks, also on a node with too much on it', asking('1'), asking('2'), [asking('4')], undefined],
  ])('%s', (_what, wanted, given, others, expected) => {
    expect(judgeResize(wanted, given, others, node)).toEqual(expected);
  });

  it('counts what another pod still has of what it gives back', () => {
    const shrinking = asking('1');
    shrinking.status = {
      containerStatuses: [
        {
          ...{ name: 'app', image: '', imageID: '', ready: true, restartCount: 0 },
          allocatedResources: { cpu: '1', memory: '1Gi' },
          resources: { requests: { cpu: '3', memory: '1Gi' } },
        },
      ],
    };
    expect(judgeResize(asking('2'), asking('1'), [shrinking], node)?.message).toContain('used: 3000');
  });
});

it('orders resizes: decreases, priority, guaranteed, longest wait', () => {
  const guaranteed = { containers: [container('app', { resources: both })] };
  const pending = [
    { name: 'new', wanted: asking('2'), given: asking('1'), sinceMs: undefined },
    { name: 'waiting', wanted: asking('2'), given: asking('1'), sinceMs: 5 },
    { name: 'waiting longer', wanted: asking('2'), given: asking('1'), sinceMs: 1 },
    { name: 'guaranteed', wanted: podOf(guaranteed), given: asking('1'), sinceMs: undefined },
    { name: 'important', wanted: asking('2', '1Gi', { priority: 10 }), given: asking('1'), sinceMs: undefined },
    { name: 'shrinks', wanted: asking('1'), given: asking('2'), sinceMs: undefined },
  ];
  expect(inOrder(pending).map(({ name }) => name)).toEqual([
    'shrinks',
    'important',
    'guaranteed',
    'waiting longer',
    'waiting',
    'new',
  ]);
});

const both = { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
