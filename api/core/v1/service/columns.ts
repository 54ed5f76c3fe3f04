/** What `kubectl get services` shows. Upstream: printService. */
import { ageColumn, formatLabels, nameColumn, textColumn, wide } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import type { Service, ServicePort } from './types';

function externalIp({ spec, status }: Service): string {
  const own = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>';
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? [])
        .map(({ ip, hostname }) => ip || hostname || '')
        .filter(Boolean);
      const balancers = [...new Set(ingress)].sort().join(',');
      // Upstream cuts this to 16 characters unless the output is wide; it always has the wide form here.
      return [...(balancers ? balancers.split(',') : []), ...own].join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

const formatPort = ({ port, nodePort, protocol }: ServicePort): string =>
  nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;

export const serviceColumns: TableColumn<Service>[] = [
  nameColumn,
  textColumn('Type', 'type determines how the Service is exposed.', ({ spec }) => spec?.type ?? ''),
  textColumn(
    'Cluster-IP',
    'clusterIP is the IP address of the service and is usually assigned randomly.',
    ({ spec }) => spec?.clusterIPs?.[0] ?? '<none>',
  ),
  textColumn(
    'External-IP',
    'externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this service.',
    externalIp,
  ),
  textColumn(
    'Port(s)',
    'The list of ports that are exposed by this service.',
    ({ spec }) => (spec?.ports ?? []).map(formatPort).join(',') || '<none>',
  ),
  ageColumn,
  wide(
    textColumn(
      'Selector',
      'Route service traffic to pods with label keys and values matching this selector.',
      ({ spec }) => formatLabels(spec?.selector),
    ),
  ),
];
