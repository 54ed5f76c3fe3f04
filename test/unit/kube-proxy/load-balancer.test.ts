import { LoadBalancer } from '../../../kube-proxy/load-balancer';

const targets = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, port: 80 }));

const firsts = (balancer: LoadBalancer, times: number, client = 'c'): (string | undefined)[] =>
  Array.from({ length: times }, () => balancer.candidates(client)[0]?.address);

describe('LoadBalancer', () => {
  it('takes the endpoints in turn and offers the others as fallbacks', () => {
    const balancer = new LoadBalancer(() => 0);
    balancer.update(targets, undefined);
    expect(firsts(balancer, 4)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1']);
    expect(balancer.candidates('c').map(({ address }) => address)).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.1']);
  });

  it('keeps a client with its endpoint until the timeout', () => {
    let now = 0;
    const balancer = new LoadBalancer(() => now);
    balancer.update(targets, 1000);
    const [target] = balancer.candidates('c');
    if (target) balancer.connected('c', target);
    expect(firsts(balancer, 2)).toEqual([target?.address, target?.address]);
    now = 1001;
    expect(new Set(firsts(balancer, 3)).size).toBe(3);
  });

  it('sends clients where they were before it was restarted, and each somewhere', () => {
    const clients = Array.from({ length: 60 }, (_, i) => `10.244.0.${i}`);
    const chosen = (list = targets) => {
      const balancer = new LoadBalancer(() => 0);
      balancer.update(list, 1000);
      return clients.map((client) => firsts(balancer, 1, client)[0]);
    };
    const before = chosen();
    expect(chosen()).toEqual(before);
    expect(chosen(targets.toReversed())).toEqual(before);
    expect(new Set(before).size).toBe(3);
  });

  it('sends a client elsewhere when its endpoint is gone', () => {
    const balancer = new LoadBalancer(() => 0);
    balancer.update(targets, 1000);
    const [target] = balancer.candidates('c');
    if (target) balancer.connected('c', target);
    balancer.update(targets.slice(1), 1000);
    expect(['10.0.0.2', '10.0.0.3']).toContain(firsts(balancer, 1)[0]);
  });

  it('has no candidates without endpoints', () => {
    expect(new LoadBalancer(() => 0).candidates('c')).toEqual([]);
  });
});
