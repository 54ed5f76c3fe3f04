/** The IPAddress that stands for a Service's cluster IP. Pure. */
import type { Service } from '../../../api/core/v1/service';
import { ipAllocatorName, ipManagedByLabel, type IpAddress, ipAddresses } from '../../../api/networking/v1/ipaddress';

const familyLabel = 'ipaddress.kubernetes.io/ip-family';

const labelsOf = (address: string): Record<string, string> => ({
  [familyLabel]: address.includes(':') ? 'IPv6' : 'IPv4',
  [ipManagedByLabel]: ipAllocatorName,
});

export const newIpAddress = ({ metadata }: Service, address: string): IpAddress => ({
  apiVersion: ipAddresses.apiVersion,
  kind: ipAddresses.kind,
  metadata: { name: address, labels: labelsOf(address) },
  spec: {
    parentRef: { group: '', resource: 'services', namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' },
  },
});

export const refersToService = ({ spec }: IpAddress): boolean =>
  !spec?.parentRef?.group && spec?.parentRef?.resource === 'services';

/** Whether the address belongs to this Service. */
export const holdsAddress = (address: IpAddress, { metadata }: Service): boolean => {
  const { namespace, name } = address.spec?.parentRef ?? {};
  return refersToService(address) && namespace === metadata?.namespace && name === metadata?.name;
};

export const hasAllocatorLabels = ({ metadata }: IpAddress): boolean =>
  Object.entries(labelsOf(metadata?.name ?? '')).every(([label, value]) => metadata?.labels?.[label] === value);
