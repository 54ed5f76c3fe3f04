import type { IpAddress } from '../../../../../api/networking/v1/ipaddress';
import type { ServiceCidr } from '../../../../../api/networking/v1/servicecidr';
import { canDelete } from '../../../../../controller-manager/controllers/service-cidrs/plan-deletion';
import { stored } from '../../../../support/controller-objects';

const range = (name: string, ...cidrs: string[]) => stored<ServiceCidr>({ metadata: { name }, spec: { cidrs } });
const leaving = (name: string, cidr: string) =>
  stored<ServiceCidr>({ metadata: { name, deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: { cidrs: [cidr] } });
const addresses = (...names: string[]) =>
  names.map((name) =>
    stored<IpAddress>({ metadata: { name }, spec: { parentRef: { name: 'web', resource: 'services' } } }),
  );

describe('canDelete', () => {
  const more = range('more', '10.150.0.0/24');

  it.each([
    ['nothing uses it', [], ['10.96.0.1'], true],
    ['a service has an address of it', [], ['10.150.0.7'], false],
    ['another range holds all of it', [range('wide', '10.150.0.0/16')], ['10.150.0.7'], true],
    ['another range holds the address', [range('part', '10.150.0.0/28')], ['10.150.0.7'], true],
    ['another range holds a different part', [range('part', '10.150.0.16/28')], ['10.150.0.7'], false],
    ['the other range goes, too', [leaving('wide', '10.150.0.0/16')], ['10.150.0.7'], false],
    ['the same range exists twice', [range('twin', '10.150.0.0/24')], ['10.150.0.7'], true],
  ])('when %s', (_, others, used, expected) => {
    expect(canDelete(more, [more, ...others], addresses(...used))).toBe(expected);
  });

  it('looks at both families', () => {
    const dual = range('dual', '10.150.0.0/24', 'fd00::/108');
    expect(canDelete(dual, [dual, range('wide', '10.150.0.0/16')], addresses('10.150.0.7', 'fd00::5'))).toBe(false);
  });
});
