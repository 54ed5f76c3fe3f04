/** How plugins refuse: upstream's `admission.NewForbidden`. */
import { newForbidden, type StatusError } from '../../api/meta/status-error';
import type { AdmissionAttributes } from './admission';

/** The name in the path, else that of the object, else its generateName: names are not generated yet. */
export function nameOf({ name, object }: AdmissionAttributes): string {
  return name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';
}

export const refuse = (attributes: AdmissionAttributes, message: string): StatusError =>
  newForbidden(
    { group: attributes.definition.group, resource: attributes.definition.names.plural },
    nameOf(attributes),
    message,
  );

/** True for `plural` of `group`, with one of the subresources (default: only the main resource). */
export const isFor = (
  { definition, subresource }: AdmissionAttributes,
  group: string,
  plural: string,
  subresources: readonly string[] = [''],
): boolean => definition.group === group && definition.names.plural === plural && subresources.includes(subresource);
