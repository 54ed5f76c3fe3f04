/** Where kinds keep the pods they will make. Upstream: pod-security-admission `DefaultPodSpecExtractor`. */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { PodSubject } from './check';

/** By group and plural. */
const templateOf: Partial<Record<string, (object: any) => Partial<PodSubject> | undefined>> = {
  '/podtemplates': (object) => object.template,
  '/replicationcontrollers': (object) => object.spec?.template,
  'apps/replicasets': (object) => object.spec?.template,
  'apps/deployments': (object) => object.spec?.template,
  'apps/statefulsets': (object) => object.spec?.template,
  'apps/daemonsets': (object) => object.spec?.template,
  'batch/jobs': (object) => object.spec?.template,
  'batch/cronjobs': (object) => object.spec?.jobTemplate?.spec?.template,
};

const keyOf = ({ group, names }: ResourceDefinition): string => `${group}/${names.plural}`;

export const hasPodTemplate = (definition: ResourceDefinition): boolean => keyOf(definition) in templateOf;

/** The pod template of an object; undefined when it has none. */
export function podTemplateOf(definition: ResourceDefinition, object: unknown): PodSubject | undefined {
  const template = templateOf[keyOf(definition)]?.(object);
  return template?.spec && { metadata: template.metadata ?? {}, spec: template.spec };
}
