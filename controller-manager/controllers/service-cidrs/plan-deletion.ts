/** Whether a ServiceCIDR may go: no address may be left without a range. Upstream: `servicecidrs_controller.go`, `canDeleteCIDR`. */
import type { Stored } from '../../../api/meta/types';
import type { IpAddress } from '../../../api/networking/v1/ipaddress';
import { prefixContains, prefixContainsPrefix } from '../../../api/networking/v1/prefixes';
import type { ServiceCidr } from '../../../api/networking/v1/servicecidr';

const cidrsOf = ({ spec }: ServiceCidr): string[] => spec?.cidrs ?? [];

/** `all` may hold the range itself; those being deleted do not count. `addresses` are those of Services. */
export function canDelete(
  serviceCidr: Stored<ServiceCidr>,
  all: readonly Stored<ServiceCidr>[],
  addresses: readonly Stored<IpAddress>[],
): boolean {
  const others = all
    .filter(({ metadata }) => metadata.name !== serviceCidr.metadata.name && !metadata.deletionTimestamp)
    .flatMap(cidrsOf);
  const own = cidrsOf(serviceCidr).filter((cidr) => !others.some((other) => prefixContainsPrefix(other, cidr)));
  return addresses.every(
    ({ metadata: { name } }) =>
      !own.some((cidr) => prefixContains(cidr, name)) || others.some((other) => prefixContains(other, name)),
  );
}
