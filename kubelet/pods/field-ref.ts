/** The fields a pod may read of itself, through env vars and downward API volumes: upstream's pkg/fieldpath and pkg/api/v1/resource. */
import type { Container, Pod } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';

export interface PodFacts {
  pod: Pod;
  podIPs: string[];
  hostIPs: string[];
  nodeName: string;
  /** What limits default to, by resource name. */
  allocatable: Record<string, string>;
}

export class FieldRefError extends Error {
  override readonly name = 'FieldRefError';
}

/** `metadata.labels['a']` and the like; whole maps are written `key="value"`, a line each, sorted. */
export function fieldValue({ pod, podIPs, hostIPs, nodeName }: PodFacts, fieldPath: string): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.+)'\]$/.exec(fieldPath);
  const { metadata, spec } = pod;
  if (subscript) {
    const map = subscript[1] === 'metadata.labels' ? metadata?.labels : metadata?.annotations;
    return map?.[subscript[2] ?? ''] ?? '';
  }
  switch (fieldPath) {
    case 'metadata.name':
      return metadata?.name ?? '';
    case 'metadata.namespace':
      return metadata?.namespace ?? '';
    case 'metadata.uid':
      return metadata?.uid ?? '';
    case 'metadata.labels':
      return formatMap(metadata?.labels);
    case 'metadata.annotations':
      return formatMap(metadata?.annotations);
    case 'spec.nodeName':
      return nodeName;
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? '';
    case 'status.hostIP':
      return hostIPs[0] ?? '';
    case 'status.hostIPs':
      return hostIPs.join(',');
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
    default:
      throw new FieldRefError(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** Go's strconv.Quote does for values what JSON does, for all that matters here. */
const formatMap = (map: Record<string, string> = {}): string =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');

/** `limits.cpu` with divisor `1m`: rounded up. Missing limits are the node's allocatable. */
export function resourceValue(
  { allocatable }: Pick<PodFacts, 'allocatable'>,
  container: Container,
  resource: string,
  divisor: string | number | undefined,
): string {
  const [kind, ...rest] = resource.split('.');
  const name = rest.join('.');
  const { limits, requests } = container.resources ?? {};
  let amount: string | number | undefined;
  if (kind === 'limits') amount = limits?.[name] ?? allocatable[name];
  else if (kind === 'requests') amount = requests?.[name] ?? limits?.[name];
  else throw new FieldRefError(`unsupported container resource : ${resource}`);
  const unit = Quantity.tryParse(divisor === undefined || divisor === '0' ? 1 : divisor);
  const value = Quantity.tryParse(amount ?? 0);
  if (!unit || !value || unit.milliValue() === 0) return '0';
  if (name === 'cpu') return String(Math.ceil(value.milliValue() / unit.milliValue()));
  return String(Math.ceil(value.value() / unit.value()));
}
