import type { PodDisruptionBudget } from '../../../api/policy/v1/poddisruptionbudget';
import type { Stored } from '../../../api/meta/types';
import { findFeasible, prepareFilters } from '../../../scheduler/filters';
import type { NodeInfo, PodInfo } from '../../../scheduler/node-info';
import { defaultPlugins } from '../../../scheduler/plugins';
import { planPreemption } from '../../../scheduler/preemption';
import { emptyView, nodeInfo, podInfo, type PodOptions } from '../../support/scheduling';

interface Circumstances {
  budgets?: Stored<PodDisruptionBudget>[];
  /** Who waits for room on a node, and the pod has to respect. */
  nominated?: Record<string, PodInfo[]>;
}

const plan = (pod: PodInfo, nodes: NodeInfo[], { budgets = [], nominated = {} }: Circumstances = {}) => {
  const filters = prepareFilters(defaultPlugins, pod, nodes, emptyView);
  const nominatedOn = (name: string) => nominated[name] ?? [];
  const { rejections } = findFeasible(filters, nodes, nominatedOn).diagnosis;
  const planned = planPreemption({ pod, nodes, rejections, filters, nominatedOn, budgets });
  return 'message' in planned
    ? planned
    : { node: planned.nodeName, victims: planned.victims.map(({ pod: p }) => p.metadata.name) };
};
const on = (name: string, cpu: string, more: PodOptions = {}) => podInfo(name, { requests: { cpu }, ...more });
const preempted: PodOptions & { deletionTimestamp: string } = {
  deletionTimestamp: '2026-01-01T00:00:00Z',
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }],
};
const urgent = (cpu: string) => podInfo('urgent', { requests: { cpu }, priority: 100 });

describe('planPreemption', () => {
  it('takes as few and as unimportant pods as it can', () => {
    const node = nodeInfo('n', {}, [
      on('a', '2', { priority: 1 }),
      on('b', '1', { priority: 2 }),
      on('c', '1', { priority: 3 }),
    ]);
    expect(plan(urgent('2'), [node])).toEqual({ node: 'n', victims: ['a'] });
    expect(plan(urgent('1'), [node])).toEqual({ node: 'n', victims: ['a'] });
    expect(plan(urgent('3'), [node])).toEqual({ node: 'n', victims: ['b', 'a'] });
  });

  it('spares the older of equals', () => {
    const node = nodeInfo('n', {}, [
      on('old', '2', { startTime: '2026-01-01T00:00:00Z' }),
      on('young', '2', { startTime: '2026-01-02T00:00:00Z' }),
    ]);
    expect(plan(urgent('2'), [node])).toEqual({ node: 'n', victims: ['young'] });
  });

  it('chooses the node that hurts least', () => {
    const high = nodeInfo('high', {}, [on('a', '4', { priority: 50 })]);
    const low = nodeInfo('low', {}, [on('b', '2', { priority: 1 }), on('c', '2', { priority: 1 })]);
    expect(plan(urgent('4'), [high, low])).toMatchObject({ node: 'low' });
  });

  it('keeps to disruption budgets where it can', () => {
    const budget = {
      metadata: { name: 'b', namespace: 'default', uid: 'b', resourceVersion: '1', creationTimestamp: '' },
      spec: { selector: { matchLabels: { app: 'db' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    };
    const node = nodeInfo('n', {}, [
      on('db', '2', { labels: { app: 'db' }, priority: 1 }),
      on('web', '2', { priority: 2 }),
    ]);
    expect(plan(urgent('2'), [node])).toEqual({ node: 'n', victims: ['db'] });
    expect(plan(urgent('2'), [node], { budgets: [budget] })).toEqual({ node: 'n', victims: ['web'] });
  });

  it('takes nobody of the same priority, nor where it would not help', () => {
    const equal = nodeInfo('n1', {}, [on('a', '4', { priority: 100 })]);
    const cordoned = nodeInfo('n2', { spec: { unschedulable: true } }, [on('b', '4')]);
    expect(plan(urgent('2'), [equal, cordoned])).toEqual({
      message:
        '0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    });
  });

  it('waits for victims that are still leaving', () => {
    const node = nodeInfo('n', {}, [on('a', '4', preempted)]);
    const pod = podInfo('urgent', { requests: { cpu: '2' }, priority: 100, nominatedNodeName: 'n' });
    expect(plan(pod, [node])).toEqual({
      message: 'not eligible due to a terminating pod on the nominated node.',
      keepNomination: true,
    });
  });

  it('does not wait for a pod that goes for another reason, nor for a node that will not do any more', () => {
    const pod = podInfo('urgent', { requests: { cpu: '2' }, priority: 100, nominatedNodeName: 'n' });
    const going = nodeInfo('n', {}, [on('a', '4', { deletionTimestamp: preempted.deletionTimestamp })]);
    expect(plan(pod, [going])).toEqual({ node: 'n', victims: ['a'] });
    const cordoned = nodeInfo('n', { spec: { unschedulable: true } }, [on('a', '4', preempted)]);
    expect(plan(pod, [cordoned, nodeInfo('other', {}, [on('b', '4')])])).toEqual({ node: 'other', victims: ['b'] });
  });

  it('leaves the room that others make to them', () => {
    const nodes = [
      nodeInfo('promised', {}, [on('a', '4', { priority: 1, ...preempted })]),
      nodeInfo('other', {}, [on('b', '4', { priority: 2 })]),
    ];
    const nominated = { promised: [on('first', '3', { priority: 100 })] };
    expect(plan(urgent('2'), nodes)).toEqual({ node: 'promised', victims: ['a'] });
    expect(plan(urgent('2'), nodes, { nominated })).toEqual({ node: 'other', victims: ['b'] });
  });

  it('counts, while it tries, the pods that spreading and affinity are about', () => {
    const web = { labels: { app: 'web' } };
    const selector = { labelSelector: { matchLabels: web.labels }, topologyKey: 'kubernetes.io/hostname' };
    const spread = {
      ...web,
      topologySpreadConstraints: [{ ...selector, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }],
    };
    const away = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selector] } } };
    const nodes = [
      nodeInfo('n', {}, [podInfo('a', web), podInfo('b', web)]),
      nodeInfo('full', {}, [on('x', '4', { priority: 9 })]),
    ];
    const urgently = { priority: 5, requests: { cpu: '1' } };
    expect(plan(podInfo('p', { ...spread, ...urgently }), nodes)).toMatchObject({ node: 'n', victims: ['a', 'b'] });
    expect(plan(podInfo('p', { ...away, ...urgently }), nodes)).toMatchObject({ node: 'n', victims: ['a', 'b'] });
  });

  it('makes room for a host port', () => {
    const ports = [{ containerPort: 80, hostPort: 80 }];
    const node = nodeInfo('n', {}, [podInfo('a', { ports }), podInfo('b')]);
    expect(plan(podInfo('urgent', { ports, priority: 1 }), [node])).toEqual({ node: 'n', victims: ['a'] });
  });
});
