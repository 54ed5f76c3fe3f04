import { endpointOf, sliceLabels } from '../../../../../controller-manager/controllers/endpointslice/build-slice';
import { node, pod, service } from '../../../../support/controller-objects';

const conditions = (publishNotReadyAddresses: boolean, options: Parameters<typeof pod>[0]) =>
  endpointOf(service({ publishNotReadyAddresses }), pod({ ip: '10.1.0.1', ...options }), undefined, 'IPv4')?.conditions;

describe('endpointOf', () => {
  it.each([
    ['a ready pod', false, { readyAt: 0 }, { ready: true, serving: true, terminating: false }],
    ['an unready pod', false, {}, { ready: false, serving: false, terminating: false }],
    [
      'a terminating pod that still serves',
      false,
      { readyAt: 0, deleting: true },
      { ready: false, serving: true, terminating: true },
    ],
    ['an unready pod that is published all the same', true, {}, { ready: true, serving: false, terminating: false }],
  ])('describes %s', (_, publish, options, wanted) => expect(conditions(publish, options)).toEqual(wanted));

  it('knows node, zone and pod', () => {
    const zone = node('n1', {}, { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } });
    expect(endpointOf(service(), pod({ name: 'web-7', node: 'n1', ip: '10.1.0.1' }), zone, 'IPv4')).toMatchObject({
      nodeName: 'n1',
      zone: 'z1',
      targetRef: { kind: 'Pod', namespace: 'default', name: 'web-7' },
    });
  });

  const zoned = node('n1', {}, { metadata: { labels: { 'topology.kubernetes.io/zone': 'z1' } } });
  const unzoned = node('n1');
  const [forZones, forNodes] = [[{ name: 'z1' }], [{ name: 'n1' }]];
  it.each([
    ['nobody', undefined, zoned, true, undefined],
    ['its zone', 'PreferClose', zoned, true, { forZones }],
    ['its zone', 'PreferSameZone', zoned, true, { forZones }],
    ['nobody without a zone', 'PreferSameZone', unzoned, true, undefined],
    ['its node and its zone', 'PreferSameNode', zoned, true, { forNodes, forZones }],
    ['its node without a zone', 'PreferSameNode', unzoned, true, { forNodes }],
    ['nobody while it is not ready', 'PreferSameNode', zoned, false, undefined],
  ])('is for %s under trafficDistribution %s', (_whom, trafficDistribution, on, isReady, hints) => {
    const distributed = service({ ...(trafficDistribution && { trafficDistribution }) });
    const web = pod({ node: 'n1', ip: '10.1.0.1', ...(isReady && { readyAt: 0 }) });
    expect(endpointOf(distributed, web, on, 'IPv4')?.hints).toEqual(hints);
  });

  it('has nothing for a family the pod lacks', () => {
    expect(endpointOf(service(), pod({ ip: '10.1.0.1' }), undefined, 'IPv6')).toBeUndefined();
  });
});

describe('sliceLabels', () => {
  it('marks headless services', () => {
    expect(sliceLabels(service({ clusterIP: 'None' }))['service.kubernetes.io/headless']).toBe('');
    expect(sliceLabels(service())['service.kubernetes.io/headless']).toBeUndefined();
  });
});
