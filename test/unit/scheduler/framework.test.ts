import { selectorFromMap } from '../../../api/meta/selectors';
import { type ClusterView, scoreNodes } from '../../../scheduler/framework';
import type { NodeInfo, PodInfo } from '../../../scheduler/node-info';
import { defaultPlugins } from '../../../scheduler/plugins';
import { emptyView, nodeInfo, podInfo } from '../../support/scheduling';

const scores = (name: string, pod: PodInfo, nodes: NodeInfo[], view: ClusterView = emptyView): number[] =>
  scoreNodes(
    defaultPlugins.filter((plugin) => plugin.name === name).map((plugin) => ({ ...plugin, weight: 1 })),
    pod,
    nodes,
    nodes,
    view,
  );
const megabytes = (count: number): number => count * 1024 * 1024;

describe('scores', () => {
  it('have the weights of upstream', () => {
    expect(
      Object.fromEntries(defaultPlugins.filter(({ score }) => score).map(({ name, weight }) => [name, weight])),
    ).toEqual({
      TaintToleration: 3,
      NodeAffinity: 2,
      NodeResourcesFit: 1,
      PodTopologySpread: 2,
      InterPodAffinity: 2,
      NodeResourcesBalancedAllocation: 1,
      ImageLocality: 1,
    });
  });

  it('prefer what is least allocated', () => {
    const pod = podInfo('p', { requests: { cpu: '1', memory: '2Gi' } });
    const busy = nodeInfo('busy', {}, [podInfo('x', { requests: { cpu: '3', memory: '4Gi' } })]);
    expect(scores('NodeResourcesFit', pod, [nodeInfo('free'), busy])).toEqual([75, 12]);
  });

  it('count a pod that requests nothing as a small one', () => {
    const other = nodeInfo('other', {}, [podInfo('x')]);
    const [free = 0, used = 0] = scores('NodeResourcesFit', podInfo('p'), [nodeInfo('free'), other]);
    expect(free).toBeGreaterThan(used);
  });

  it('prefer balance', () => {
    const pod = podInfo('p', { requests: { cpu: '2', memory: '4Gi' } });
    const skewed = nodeInfo('skewed', {}, [podInfo('x', { requests: { cpu: '2' } })]);
    expect(scores('NodeResourcesBalancedAllocation', pod, [nodeInfo('even'), skewed])).toEqual([100, 75]);
  });

  it('avoid soft taints', () => {
    const soft = nodeInfo('soft', { spec: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] } });
    expect(scores('TaintToleration', podInfo('p'), [soft, nodeInfo('clean')])).toEqual([0, 100]);
  });

  it('follow preferred node affinity', () => {
    const term = (weight: number, disk: string) => ({
      weight,
      preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: [disk] }] },
    });
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [term(80, 'ssd'), term(20, 'hdd')] },
    };
    const nodes = [
      nodeInfo('a', { labels: { disk: 'ssd' } }),
      nodeInfo('b', { labels: { disk: 'hdd' } }),
      nodeInfo('c'),
    ];
    expect(scores('NodeAffinity', podInfo('p', { affinity }), nodes)).toEqual([100, 25, 0]);
  });

  it('prefer nodes that have a large image', () => {
    const images = [{ names: ['app:latest'], sizeBytes: megabytes(511) }];
    expect(scores('ImageLocality', podInfo('p'), [nodeInfo('a', { images }), nodeInfo('b')])).toEqual([23, 0]);
  });

  it('spread the pods of a controller over hosts without being asked', () => {
    const view: ClusterView = { ...emptyView, ownerSelector: () => selectorFromMap({ app: 'web' }) };
    const web = { labels: { app: 'web' } };
    const nodes = [
      nodeInfo('two', {}, [podInfo('x', web), podInfo('y', web)]),
      nodeInfo('one', {}, [podInfo('z', web)]),
      nodeInfo('none'),
    ];
    const [two = 0, one = 0, none = 0] = scores('PodTopologySpread', podInfo('p', web), nodes, view);
    expect([two < one, one < none, none]).toEqual([true, true, 100]);
  });

  it('follow the wishes of the pod and of those that run', () => {
    const preferred = {
      weight: 10,
      podAffinityTerm: { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' },
    };
    const db = podInfo('db', { labels: { app: 'db' } });
    const wants = podInfo('p', {
      affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preferred] } },
    });
    const minds = podInfo('p', {
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preferred] } },
    });
    const nodes = [nodeInfo('a', {}, [db]), nodeInfo('b')];
    expect(scores('InterPodAffinity', wants, nodes)).toEqual([100, 0]);
    expect(scores('InterPodAffinity', minds, nodes)).toEqual([0, 100]);
    const wanted = podInfo('new', { labels: { app: 'db' } });
    expect(scores('InterPodAffinity', wanted, [nodeInfo('a', {}, [wants]), nodeInfo('b')])).toEqual([100, 0]);
  });
});
