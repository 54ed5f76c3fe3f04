import { planSubsets } from '../../../../../controller-manager/controllers/endpoints/plan-subsets';
import { pod, service } from '../../../../support/controller-objects';

const short = (spec: Parameters<typeof service>[0], ...pods: Parameters<typeof pod>[0][]) =>
  planSubsets(
    service(spec),
    pods.map((options) => pod(options)),
  ).subsets.map(({ addresses, notReadyAddresses, ports }) => ({
    ready: addresses?.map(({ ip }) => ip),
    unready: notReadyAddresses?.map(({ ip }) => ip),
    ports: ports?.map(({ name, port }) => `${name ?? ''}:${port}`),
  }));

describe('planSubsets', () => {
  it('separates ready from unready addresses and resolves named ports', () => {
    expect(short({}, { name: 'b', ip: '10.1.0.2' }, { name: 'a', ip: '10.1.0.1', readyAt: 0 })).toEqual([
      { ready: ['10.1.0.1'], unready: ['10.1.0.2'], ports: ['http:8080'] },
    ]);
  });
  it('leaves out terminating, ended and address-less pods', () => {
    expect(
      short(
        {},
        { name: 'a', ip: '10.1.0.1', deleting: true },
        { name: 'b', ip: '10.1.0.2', phase: 'Failed' },
        { name: 'c' },
      ),
    ).toEqual([]);
  });
  it('publishes unready pods on demand', () => {
    expect(short({ publishNotReadyAddresses: true }, { ip: '10.1.0.1' })).toEqual([
      { ready: ['10.1.0.1'], unready: undefined, ports: ['http:8080'] },
    ]);
  });
  it('has addresses without ports only for headless services', () => {
    expect(short({ clusterIP: 'None', ports: [] }, { ip: '10.1.0.1', readyAt: 0 })).toEqual([
      { ready: ['10.1.0.1'], unready: undefined, ports: undefined },
    ]);
  });
  it('stops at a thousand addresses, ready ones first', () => {
    const pods = Array.from({ length: 1005 }, (_, i) =>
      pod({ name: `p${i}`, ip: `10.1.${Math.floor(i / 250)}.${i % 250}`, ...(i >= 10 && { readyAt: 0 }) }),
    );
    const { subsets, truncated } = planSubsets(service(), pods);
    expect(truncated).toBe(true);
    expect([subsets[0]?.addresses?.length, subsets[0]?.notReadyAddresses?.length]).toEqual([995, 5]);
  });
});
