/** Ingress: HTTP hosts and paths, and the Services behind them. */
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import type { Ingress } from './types';
import { ingressClassAnnotation, validateIngress, validateIngressStatus, validateNewIngress } from './validation';

export type * from './types';

const shownHosts = 3;

/** The first hosts, and how many rules there are beyond as many. */
function formatHosts({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const named = rules.flatMap(({ host }, index) => (host ? [{ host, index }] : [])).slice(0, shownHosts);
  if (named.length === 0) return '*';
  const text = named.map(({ host }) => host).join(',');
  const last = named[shownHosts - 1];
  return last && last.index < rules.length - 1 ? `${text} + ${rules.length - shownHosts} more...` : text;
}

function formatAddress({ status }: Ingress): string {
  const points = status?.loadBalancer?.ingress ?? [];
  return [...new Set(points.flatMap(({ ip, hostname }) => ip || hostname || []))].sort().join(',');
}

export const ingresses = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  names: { plural: 'ingresses', singular: 'ingress', shortNames: ['ing'] },
  scope: 'Namespaced',
  prepareForCreate(ingress) {
    ingress.status = { loadBalancer: {} };
  },
  validate: validateNewIngress,
  validateUpdate: validateIngress,
  warnings({ metadata, spec }, old) {
    const isNamed = spec?.ingressClassName !== undefined;
    if (old || isNamed || !Object.hasOwn(metadata?.annotations ?? {}, ingressClassAnnotation)) return [];
    return [`annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  },
  subresources: { status: { validateUpdate: validateIngressStatus } },
  columns: [
    nameColumn,
    textColumn(
      'Class',
      'The name of the IngressClass resource that should be used for additional configuration',
      ({ spec }) => spec?.ingressClassName ?? '<none>',
    ),
    textColumn('Hosts', 'Hosts that incoming requests are matched against before the ingress rule', formatHosts),
    textColumn('Address', 'Address is a list containing ingress points for the load-balancer', formatAddress),
    textColumn('Ports', 'Ports of TLS configurations that open', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
});
