/** FlowSchema: which requests go to which priority level, and into which flows they are told apart. */
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import { validateFlowSchema, validateFlowSchemaStatus } from './flowschema-validation';
import type { FlowSchema } from './types';

export const flowSchemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  names: { plural: 'flowschemas', singular: 'flowschema' },
  scope: 'Cluster',
  defaults({ spec }) {
    if (spec) spec.matchingPrecedence ||= 1000;
  },
  validate: validateFlowSchema,
  generation: true,
  subresources: { status: { validateUpdate: validateFlowSchemaStatus } },
  columns: [
    nameColumn,
    textColumn(
      'PriorityLevel',
      '`priorityLevelConfiguration` should reference a PriorityLevelConfiguration in the cluster. If the reference cannot be resolved, the FlowSchema will be ignored and marked as invalid in its status. Required.',
      ({ spec }) => spec?.priorityLevelConfiguration?.name || '<none>',
    ),
    {
      name: 'MatchingPrecedence',
      type: 'integer',
      description:
        '`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.',
      value: ({ spec }) => spec?.matchingPrecedence ?? 0,
    },
    textColumn(
      'DistinguisherMethod',
      '`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.',
      ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>',
    ),
    ageColumn,
    textColumn(
      'MissingPL',
      'References a broken or non-existent PriorityLevelConfiguration',
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    ),
  ],
});
