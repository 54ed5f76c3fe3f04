/** How plugins refuse: upstream's `admission.NewForbidden`. */
import { newForbidden, type StatusError } from '../../api/meta/status-error';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';

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

/** For plugins that look at one kind: `plural` of `group`, with one of the subresources (default: only the main resource). */
export const only =
  (group: string, plural: string, subresources: readonly string[] = ['']): NonNullable<AdmissionPlugin['concerns']> =>
  (definition, subresource) =>
    definition.group === group && definition.names.plural === plural && subresources.includes(subresource);

/** The same of a request. */
export const isFor = (
  { definition, subresource }: AdmissionAttributes,
  group: string,
  plural: string,
  subresources?: readonly string[],
): boolean => only(group, plural, subresources)(definition, subresource);
