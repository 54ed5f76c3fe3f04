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

describe('InterPodAffinity', () => {
  const near = {
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...selectWeb, topologyKey: 'zone' }] },
    },
  };
  const away = {
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...selectWeb, topologyKey: 'zone' }] },
    },
  };

  it('keeps a pod in the zone of those it wants to be near', () => {
    const nodes = [nodeInfo('a1', zone('a'), [podInfo('x', web)]), nodeInfo('a2', zone('a')), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', near), nodes)).toEqual({
      a1: '',
      a2: '',
      b: "node(s) didn't match pod affinity rules",
    });
  });

  it('lets the first pod of a group go anywhere', () => {
    expect(verdict(podInfo('p', { ...near, ...web }), nodeInfo('a', zone('a')))).toBe('');
    expect(verdict(podInfo('p', near), nodeInfo('a', zone('a')))).toBe("node(s) didn't match pod affinity rules");
  });

  it('keeps pods apart, also when it is the running one that minds', () => {
    const nodes = [nodeInfo('a', zone('a'), [podInfo('x', web)]), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', away), nodes)).toEqual({ a: "node(s) didn't match pod anti-affinity rules", b: '' });
    const minding = [nodeInfo('a', zone('a'), [podInfo('x', away)]), nodeInfo('b', zone('b'))];
    expect(verdicts(podInfo('p', web), minding)).toEqual({
      a: "node(s) didn't satisfy existing pods anti-affinity rules",
      b: '',
    });
  });

  it('looks only at its own namespace unless told otherwise', () => {
    const other = podInfo('x', { ...web, namespace: 'other' });
    expect(verdict(podInfo('p', away), nodeInfo('a', zone('a'), [other]))).toBe('');
  });
});
