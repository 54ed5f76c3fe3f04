import { nodeInfo, podInfo, verdict, verdicts } from '../../../support/scheduling';

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

  it('counts the pods that wait for room, also in the emptiest zone', () => {
    const nodes = [nodeInfo('a', zone('a'), pods(1)), nodeInfo('b', zone('b'), pods(1))];
    const far = "node(s) didn't match pod topology spread constraints";
    expect(verdicts(podInfo('p', spread(1)), nodes, { nominated: { a: pods(1) } })).toEqual({ a: far, b: '' });
    expect(verdicts(podInfo('p', spread(1)), nodes, { nominated: { a: [podInfo('x')] } })).toEqual({ a: '', b: '' });
  });
});
