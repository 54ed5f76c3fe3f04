/** Whether the labels of the namespace and of the object are those that a webhook or policy asks for. */
import { type Namespace, namespaces } from '../../../api/core/v1/namespace';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import type { LabelSelector } from '../../../api/meta/types';
import { readLive } from '../../registry/look-up';
import type { Loopback } from '../../registry/loopback';
import type { AdmissionAttributes } from '../admission';
import { isFor } from '../refusal';

export type NamespaceFinder = (attributes: AdmissionAttributes) => Promise<Namespace | undefined>;

/** The namespace of a request: the object itself when a Namespace is written, undefined for other cluster-scoped objects. */
export function createNamespaceFinder(loopback: Loopback): NamespaceFinder {
  const view = loopback.view(namespaces);
  return async (attributes) => {
    const { operation, definition, namespace, object } = attributes;
    if (isFor(attributes, '', 'namespaces', ['', 'status', 'finalize'])) {
      // The new labels count: those of the old state were checked when they were written.
      if (operation === 'CREATE' || operation === 'UPDATE') return object as Namespace;
      return view.get(attributes.name) ?? (attributes.oldObject as Namespace | undefined);
    }
    if (!definition.namespaced || !namespace) return undefined;
    return view.get(namespace) ?? (await readLive(loopback, namespaces, '', namespace));
  };
}

export interface LabelSelectors {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
}

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  !selector?.matchExpressions?.length && Object.keys(selector?.matchLabels ?? {}).length === 0;

/** The namespace is looked up only when its labels matter. Cluster-scoped objects match any namespace selector. */
export async function selectorsMatch(
  { namespaceSelector, objectSelector }: LabelSelectors,
  attributes: AdmissionAttributes,
  findNamespace: NamespaceFinder,
): Promise<boolean> {
  if (!isEmpty(objectSelector) && !objectMatches(objectSelector!, attributes)) return false;
  if (isEmpty(namespaceSelector)) return true;
  const namespace = await findNamespace(attributes);
  if (!namespace) return !attributes.definition.namespaced;
  return selectorFromLabelSelector(namespaceSelector).matches(namespace.metadata?.labels);
}

/** The new or the old object: labels cannot be taken off to escape. */
function objectMatches(wanted: LabelSelector, { object, oldObject }: AdmissionAttributes): boolean {
  const selector = selectorFromLabelSelector(wanted);
  const labelsOf = (of: AdmissionAttributes['object']): Record<string, string> | undefined => of?.metadata?.labels;
  return (
    (object !== undefined && selector.matches(labelsOf(object))) ||
    (oldObject !== undefined && selector.matches(labelsOf(oldObject)))
  );
}
