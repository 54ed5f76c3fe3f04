import { findFeasible } from '../../../../scheduler/framework';
import type { NodeInfo, PodInfo } from '../../../../scheduler/node-info';
import { defaultPlugins } from '../../../../scheduler/plugins';
import { emptyView, nodeInfo, podInfo } from '../../../support/scheduling';

/** What each node says to the pod: '' when it fits. */
const verdicts = (pod: PodInfo, nodes: NodeInfo[]): Record<string, string> => {
  const { diagnosis } = findFeasible(defaultPlugins, pod, nodes, emptyView);
  return Object.fromEntries(
    nodes.map(({ node: { metadata } }) => [
      metadata.name,
      diagnosis.rejections.get(metadata.name)?.reasons.join('; ') ?? '',
    ]),
  );
};
const verdict = (pod: PodInfo, node: NodeInfo): string => verdicts(pod, [node])[node.node.metadata.name] ?? '';
const web = { labels: { app: 'web' } };
const selectWeb = { labelSelector: { matchLabels: { app: 'web' } } };
const zone = (name: string) => ({ labels: { zone: name } });

describe('PodTopologySpread', () => {
  const spread = (maxSkew: number, minDomains?: number) => ({
    ...web,
    topologySpreadConstraints: [
      {
        ...selectWeb,
        topologyKey: 'zone',
        maxSkew,
        whenUnsatisfiable: 'DoNotSchedule',
        ...(minDomains && { minDomains }),
      },
    ],
  });
  const pods = (count: number) => Array.from({ length: count }, (_, i) => podInfo(`w${i}-${Math.random()}`, web));

  it('rejects a zone that would be too far ahead', () => {
    const nodes = [nodeInfo('a', zone('a'), pods(2)), nodeInfo('b', zone('b'), pods(1)), nodeInfo('none')];
    expect(verdicts(podInfo('p', spread(1)), nodes)).toEqual({
      a: "node(s) didn't match pod topology spread constraints",
      b: '',
      none: "node(s) didn't match pod topology spread constraints (missing required label)",
    });
    expect(verdicts(podInfo('p', spread(2)), nodes.slice(0, 2))).toEqual({ a: '', b: '' });
  });

  it('counts missing zones as empty', () => {
    expect(verdict(podInfo('p', spread(1, 2)), nodeInfo('a', zone('a'), pods(1)))).not.toBe('');
    expect(verdict(podInfo('p', spread(1)), nodeInfo('a', zone('a'), pods(1)))).toBe('');
  });
});
