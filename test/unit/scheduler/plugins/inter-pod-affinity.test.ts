import type { ClusterEvent } from '../../../../scheduler/framework';
import type { PodInfo } from '../../../../scheduler/node-info';
import { interPodAffinity } from '../../../../scheduler/plugins/inter-pod-affinity';
import { makeNode, makePod, nodeInfo, podInfo, verdict, verdicts } from '../../../support/scheduling';

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

  it('minds the pods that wait for room too, without counting on them', () => {
    const nodes = [nodeInfo('a', zone('a')), nodeInfo('b', zone('b'))];
    const a = (name: string, options: object) => ({ nominated: { a: [podInfo(name, options)] } });
    expect(verdicts(podInfo('p', away), nodes, a('x', web))).toEqual({
      a: "node(s) didn't match pod anti-affinity rules",
      b: '',
    });
    expect(verdicts(podInfo('p', web), nodes, a('x', away))).toEqual({
      a: "node(s) didn't satisfy existing pods anti-affinity rules",
      b: '',
    });
    const missing = "node(s) didn't match pod affinity rules";
    expect(verdicts(podInfo('p', near), nodes, a('x', web))).toEqual({ a: missing, b: missing });
  });

  it('is woken by pods that either minds', () => {
    const wakes = (event: ClusterEvent, pod: PodInfo) => interPodAffinity.wakes?.(event, pod);
    const [mine, other] = [makePod('mine', web), makePod('other', { labels: { app: 'other' } })];
    expect(wakes({ type: 'podAdded', pod: mine }, podInfo('p', near))).toBe(true);
    expect(wakes({ type: 'podAdded', pod: other }, podInfo('p', near))).toBe(false);
    expect(wakes({ type: 'podDeleted', pod: makePod('x', away) }, podInfo('p', web))).toBe(true);
    expect(wakes({ type: 'podUpdated', pod: other, old: mine }, podInfo('p', away))).toBe(true);
    expect(wakes({ type: 'nodeAdded', node: makeNode('n') }, podInfo('p', near))).toBe(true);
  });
});
