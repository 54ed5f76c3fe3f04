/**
 * Which names a CustomResourceDefinition gets: those that no other one of its group holds. Pure. Upstream:
 * apiextensions-apiserver `controller/status/naming_controller.go`.
 */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { findCondition } from '../../api/meta/conditions';
import { deepEqual } from '../../api/meta/json';
import type { Stored } from '../../api/meta/types';

export interface NamingDecision {
  acceptedNames: CustomResourceDefinitionNames;
  namesAccepted: Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;
}

/**
 * `others`: the definitions of the same group. What they hold is taken; so is what an earlier one asks for and has not got
 * yet, so that all API servers decide alike.
 */
export function decideNames(
  crd: Stored<CustomResourceDefinition>,
  others: readonly Stored<CustomResourceDefinition>[],
): NamingDecision {
  const wanted = crd.spec.names;
  const accepted: Partial<CustomResourceDefinitionNames> = crd.status?.acceptedNames ?? {};
  const taken = takenNames(crd, others);
  const names = { ...accepted } as CustomResourceDefinitionNames;
  let conflict: { reason: string; message: string } | undefined;
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, used: Set<string>): void => {
    const name = wanted[field];
    if (name === undefined) return;
    if (name !== accepted[field] && used.has(name)) conflict = { reason, message: inUse(name) };
    else names[field] = name;
  };
  claim('plural', 'PluralConflict', taken.resources);
  claim('singular', 'SingularConflict', taken.resources);
  const shortNames = wanted.shortNames ?? [];
  const lost = shortNames.filter((name) => !accepted.shortNames?.includes(name) && taken.resources.has(name));
  if (lost.length) conflict = { reason: 'ShortNamesConflict', message: aggregate(lost.map(inUse)) };
  else if (wanted.shortNames) names.shortNames = wanted.shortNames;
  else delete names.shortNames;
  claim('kind', 'KindConflict', taken.kinds);
  claim('listKind', 'ListKindConflict', taken.kinds);
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  return {
    acceptedNames: names,
    namesAccepted: conflict
      ? { type: 'NamesAccepted', status: 'False', ...conflict }
      : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  };
}

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;

/** As Go prints several errors. */
const aggregate = (messages: string[]): string => (messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);

function takenNames(crd: Stored<CustomResourceDefinition>, others: readonly Stored<CustomResourceDefinition>[]) {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  const take = ({
    plural,
    singular,
    shortNames = [],
    kind,
    listKind,
  }: Partial<CustomResourceDefinitionNames>): void => {
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  };
  for (const other of others) {
    if (other.metadata.uid === crd.metadata.uid) continue;
    take(other.status?.acceptedNames ?? {});
    if (!hasItsNames(other) && isEarlier(other, crd)) take(other.spec.names);
  }
  return { resources, kinds };
}

const hasItsNames = ({ spec, status }: CustomResourceDefinition): boolean =>
  status?.acceptedNames !== undefined && deepEqual(spec.names, status.acceptedNames);

/**
 * Of two that have not been decided on yet, the one that was written first: every API server sees it so. One that has been decided
 * on has lost what it did not get.
 */
const isEarlier = (other: Stored<CustomResourceDefinition>, crd: Stored<CustomResourceDefinition>): boolean =>
  !isDecided(other) && !isDecided(crd) && Number(other.metadata.resourceVersion) < Number(crd.metadata.resourceVersion);

const isDecided = ({ status }: CustomResourceDefinition): boolean =>
  findCondition(status?.conditions, 'NamesAccepted') !== undefined;
