/** PriorityClass: a name for a pod priority. */
import type { V1PriorityClass } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, optionalOneOf, unchanged } from '../../meta/field-checks';
import { type FieldError, forbidden } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface PriorityClass extends Wire<V1PriorityClass> {}

/** The highest priority a user can give. */
export const highestUserPriority = 1_000_000_000;

/** The classes every cluster has. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

function systemClassProblem({ metadata, value, globalDefault }: PriorityClass): string | undefined {
  const name = metadata?.name ?? '';
  const known = systemPriorityClasses.find((other) => other.metadata?.name === name);
  if (!known) return `${name} is not a known system priority class`;
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validate(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (priorityClass.metadata?.name?.startsWith('system-')) {
    const problem = systemClassProblem(priorityClass);
    if (problem) {
      const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`;
      errors.push(forbidden(at('metadata', 'name'), detail));
    }
  } else if ((priorityClass.value ?? 0) > highestUserPriority) {
    const detail = `maximum allowed value of a user defined priority is ${highestUserPriority}`;
    errors.push(forbidden(at('value'), detail));
  }
  const policies = ['Never', 'PreemptLowerPriority'];
  return [...errors, ...optionalOneOf(at('preemptionPolicy'), priorityClass.preemptionPolicy, policies)];
}

export const priorityClasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  names: { plural: 'priorityclasses', singular: 'priorityclass', shortNames: ['pc'] },
  scope: 'Cluster',
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate,
  validateUpdate: (priorityClass, old) => [
    ...(priorityClass.value === old.value ? [] : [forbidden(at('value'), 'may not be changed in an update.')]),
    ...unchanged(at('preemptionPolicy'), priorityClass.preemptionPolicy, old.preemptionPolicy),
  ],
  generation: true,
  columns: [
    nameColumn,
    {
      name: 'Value',
      type: 'integer',
      description: 'value represents the integer value of this priority class.',
      value: ({ value }) => value ?? 0,
    },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'globalDefault specifies whether this PriorityClass should be considered as the default priority.',
      value: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn,
    textColumn(
      'PreemptionPolicy',
      'preemptionPolicy is the Policy for preempting pods with lower priority.',
      ({ preemptionPolicy }) => preemptionPolicy ?? '',
    ),
  ],
});
