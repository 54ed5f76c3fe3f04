/** IngressClass: which controller implements the Ingresses that name it. */
import type { V1IngressClass, V1IngressClassParametersReference } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateIngressClass, validateIngressClassUpdate } from './ingressclass-validation';

export interface IngressClass extends Wire<V1IngressClass> {}
export interface IngressClassParameters extends Wire<V1IngressClassParametersReference> {}

/** Marks the class of Ingresses that name none. */
export const defaultIngressClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

function formatParameters({ spec }: IngressClass): string {
  const { kind, apiGroup, name } = spec?.parameters ?? {};
  if (!spec?.parameters) return '<none>';
  return `${kind ?? ''}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name ?? ''}`;
}

export const ingressClasses = defineResource<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  names: { plural: 'ingressclasses', singular: 'ingressclass' },
  scope: 'Cluster',
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
  generation: true,
  columns: [
    nameColumn,
    textColumn(
      'Controller',
      'Controller that is responsible for handling this class',
      ({ spec }) => spec?.controller ?? '',
    ),
    textColumn('Parameters', 'A reference to a resource with additional parameters', formatParameters),
    ageColumn,
  ],
});
