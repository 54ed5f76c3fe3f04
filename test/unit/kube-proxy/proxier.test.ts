import type { Service } from '../../../api/core/v1/service';
import type { EndpointSlice } from '../../../api/discovery/v1/endpointslice';
import { createLogger } from '../../../component-base/logger';
import type { Mapping, PortalRules } from '../../../kube-proxy/portal';
import { Proxier } from '../../../kube-proxy/proxier';
import { freshLoopbackAddress } from '../../support/loopback-address';

const address = freshLoopbackAddress();
const service: Service = {
  metadata: { namespace: 'default', name: 'web' },
  spec: { clusterIP: address, ports: [{ port: 80, protocol: 'TCP' }] },
};
const slice: EndpointSlice = {
  addressType: 'IPv4',
  ports: [{ port: 8080, protocol: 'TCP' }],
  endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
};
const dns: Mapping = { protocol: 'UDP', address, port: 53, listenAddress: address, listenPort: 11_157 };

/** Rules are taken one set after another; `release` lets the one that waits be done. */
function startProxier() {
  const applied: PortalRules[] = [];
  const waiting: (() => void)[] = [];
  let distrusted = 0;
  let onApply = (): void => undefined;
  const proxier = new Proxier({
    portal: {
      prepare: async () => undefined,
      reach: async () => undefined,
      remove: async () => undefined,
      distrust: () => void (distrusted += 1),
      apply: (rules) => {
        applied.push(rules);
        return new Promise<void>((resolve) => {
          waiting.push(resolve);
          onApply();
        });
      },
    },
    service: () => service,
    slicesOf: () => [slice],
    places: () => [{ name: 'here', nodes: ['here'], zone: undefined, podCidrs: [], addresses: [] }],
    isPod: () => false,
    log: createLogger('test', 0),
    now: () => 0,
    onSync: () => undefined,
  });
  const nextApply = (): Promise<void> =>
    waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => (onApply = resolve));
  return {
    proxier,
    applied,
    nextApply,
    release: () => waiting.shift()?.(),
    distrusted: () => distrusted,
  };
}

describe('the proxier', () => {
  it('applies what came while rules were being applied', async () => {
    const { proxier, applied, nextApply, release } = startProxier();
    proxier.enqueue('default/web');
    await nextApply();
    proxier.setFixed([dns]);
    release();
    await nextApply();
    release();
    proxier.stop();
    expect(applied.map(({ mappings }) => mappings.map(({ port }) => port))).toEqual([[80], [53, 80]]);
  });

  it('puts everything in place again when asked to repair', async () => {
    const { proxier, applied, nextApply, release, distrusted } = startProxier();
    proxier.enqueue('default/web');
    await nextApply();
    release();
    proxier.repair();
    await nextApply();
    release();
    proxier.stop();
    expect(distrusted()).toBe(1);
    expect(applied).toHaveLength(2);
    expect(applied[1]).toEqual(applied[0]);
  });
});
