import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../../../../api/flowcontrol/v1/bootstrap';
import { flowSchemas } from '../../../../../api/flowcontrol/v1/flowschema';
import { priorityLevelConfigurations } from '../../../../../api/flowcontrol/v1/prioritylevelconfiguration';
import { formatFieldError } from '../../../../../api/meta/field-error';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import { loadFixture } from '../../../../support/fixtures';

type Change = Record<string, unknown>;
type Row = [string, Change, string[]];

function errorsOf(definition: ResourceDefinition, change: Change, name = 'sample'): string[] {
  const object = loadFixture(definition);
  object.metadata.name = name;
  object.spec = { ...object.spec, ...change };
  definition.defaults!(object);
  return definition.validate!(object).map((error) => formatFieldError(error));
}

describe('flow control of every cluster', () => {
  const levels = [...mandatoryPriorityLevels, ...suggestedPriorityLevels];
  const schemas = [...mandatoryFlowSchemas, ...suggestedFlowSchemas];

  it('has upstream names', () => {
    expect(levels.map(({ metadata }) => metadata!.name)).toEqual(
      'exempt catch-all system node-high leader-election workload-high workload-low global-default'.split(' '),
    );
    expect(schemas.map(({ metadata }) => metadata!.name)).toHaveLength(13);
  });

  it('is complete and in order', () => {
    for (const [definition, objects] of [
      [priorityLevelConfigurations, levels],
      [flowSchemas, schemas],
    ] as [ResourceDefinition, object[]][]) {
      for (const object of objects) {
        const copy = structuredClone(object);
        definition.defaults!(copy);
        expect(copy).toEqual(object);
        expect(definition.validate!(copy)).toEqual([]);
      }
    }
    const names = new Set(levels.map(({ metadata }) => metadata!.name));
    for (const { spec } of schemas) expect(names).toContain(spec!.priorityLevelConfiguration.name);
  });
});

describe('FlowSchema', () => {
  const rule = (change: Change) => ({
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'me' } }],
        resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['a'], ...change }],
      },
    ],
  });

  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'has a positive precedence',
      { matchingPrecedence: -1 },
      ['spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
    ],
    [
      'has a bounded precedence',
      { matchingPrecedence: 10001 },
      ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    ],
    [
      'leaves the first place to exempt',
      { matchingPrecedence: 1 },
      [`spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1`],
    ],
    [
      'needs a priority level',
      { priorityLevelConfiguration: undefined },
      ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
    ],
    [
      'needs subjects and rules',
      { rules: [{}] },
      [
        'spec.rules[0].subjects: Required value: subjects must contain at least one value',
        'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
      ],
    ],
    [
      'takes the subject of its kind alone',
      {
        rules: [
          {
            subjects: [{ kind: 'Group', user: { name: 'x' } }],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
          },
        ],
      },
      [
        `spec.rules[0].subjects[0].group: Required value: group is required when subject kind is 'Group'`,
        `spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'`,
      ],
    ],
    [
      'needs a scope',
      rule({ namespaces: [] }),
      [
        'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      ],
    ],
    [
      'knows verbs',
      rule({ verbs: ['read'] }),
      [expect.stringMatching(/^spec.rules\[0\].resourceRules\[0\].verbs: Unsupported value: \["read"\]: supported/)],
    ],
    [
      'takes wildcards alone',
      rule({ resources: ['*', 'pods'] }),
      [
        `spec.rules[0].resourceRules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources`,
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(flowSchemas, change)).toEqual(errors);
  });

  it('keeps the mandatory ones', () => {
    const [schema] = mandatoryFlowSchemas;
    expect(errorsOf(flowSchemas, { ...schema!.spec, rules: [] }, 'exempt')).toContainEqual(
      expect.stringMatching(/spec of 'exempt' must equal the fixed value$/),
    );
  });
});

describe('PriorityLevelConfiguration', () => {
  const queuing = (change: Change) => ({
    limited: { limitResponse: { type: 'Queue', queuing: { queues: 16, handSize: 4, queueLengthLimit: 1, ...change } } },
  });

  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'is exempt by its name',
      { type: 'Exempt', limited: undefined },
      [`spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`],
    ],
    ['needs limits', { limited: undefined }, ['spec.limited: Required value: must not be empty when type is Limited']],
    [
      'needs queues to queue',
      { limited: { limitResponse: { type: 'Queue' } } },
      [
        'spec.limited.limitResponse.queuing: Required value: must not be empty if limited.limitResponse.type is Limited',
      ],
    ],
    [
      'deals hands that the hash allows',
      queuing({ queues: 1024, handSize: 7 }),
      [
        'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60',
      ],
    ],
    [
      'deals hands from its queues',
      queuing({ queues: 2 }),
      ['spec.limited.limitResponse.queuing.handSize: Invalid value: 4: should not be greater than queues (2)'],
    ],
    [
      'lends a share',
      { limited: { lendablePercent: 101, borrowingLimitPercent: -1, limitResponse: { type: 'Reject' } } },
      [
        'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
        'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(priorityLevelConfigurations, change)).toEqual(errors);
  });

  it('lets the shares of the exempt level be set', () => {
    const spec = { type: 'Exempt', limited: undefined, exempt: { nominalConcurrencyShares: 7, lendablePercent: 50 } };
    expect(errorsOf(priorityLevelConfigurations, spec, 'exempt')).toEqual([]);
  });
});
