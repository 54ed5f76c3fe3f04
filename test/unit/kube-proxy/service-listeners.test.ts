import { LoadBalancer } from '../../../kube-proxy/load-balancer';
import { freshLoopbackAddress } from '../../support/loopback-address';
import { listenHigh, preferredHighPort } from '../../../kube-proxy/service-listeners';

const address = freshLoopbackAddress();
const balancerOf = () => new LoadBalancer(() => 0);

describe('high ports', () => {
  it('are never node ports, whose sockets are on every address', () => {
    const ports = Array.from({ length: 65_535 }, (_, i) => preferredHighPort(i + 1));
    expect(Math.min(...ports)).toBe(10_000);
    expect(Math.max(...ports)).toBe(19_999);
  });

  it('are others when the preferred ones are taken', async () => {
    const first = await listenHigh('TCP', address, 80, balancerOf);
    const second = await listenHigh('TCP', address, 80, balancerOf);
    first.close();
    second.close();
    expect(second.port).toBeGreaterThan(first.port);
  });
});
