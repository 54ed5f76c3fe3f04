import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from '../../../../../api/admissionregistration/v1/mutatingadmissionpolicy';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '../../../../../api/admissionregistration/v1/validatingadmissionpolicy';
import { formatFieldError } from '../../../../../api/meta/field-error';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import { loadFixture } from '../../../../support/fixtures';

type Change = Record<string, unknown>;
type Row = [string, Change, string[]];

function errorsOf(definition: ResourceDefinition, change: Change): string[] {
  const object = loadFixture(definition);
  object.spec = { ...object.spec, ...change };
  definition.defaults!(object);
  return definition.validate!(object).map((error) => formatFieldError(error));
}

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };

describe('ValidatingAdmissionPolicy', () => {
  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'needs something to check',
      { validations: [] },
      ['validations', 'auditAnnotations'].map(
        (field) => `spec.${field}: Required value: validations or auditAnnotations must contain at least one item`,
      ),
    ],
    ['needs something to match', { matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
    ['needs rules for types', { matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
    [
      'checks resource names',
      { matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a/b', 'c', 'c'] }] } },
      [
        `spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
        'spec.matchConstraints.resourceRules[0].resourceNames[2]: Duplicate value: "c"',
      ],
    ],
    [
      'checks the kind of its parameters',
      { paramKind: { apiVersion: 'a/b/c', kind: '' } },
      [
        'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
        'spec.paramKind.kind: Required value',
      ],
    ],
    [
      'names variables as CEL does',
      {
        variables: [
          { name: 'in', expression: '1' },
          { name: 'ok', expression: '' },
        ],
      },
      [
        'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
        'spec.variables[1].expression: Required value: expression is not specified',
      ],
    ],
    [
      'checks validations',
      { validations: [{ expression: ' ', message: 'a\nb', messageExpression: ' ', reason: 'Conflict' }] },
      [
        'spec.validations[0].expression: Required value: expression is not specified',
        'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
        'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
        'spec.validations[0].reason: Unsupported value: "Conflict": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      'checks audit annotations',
      {
        auditAnnotations: [
          { key: 'k', valueExpression: '' },
          { key: 'k', valueExpression: '"v"' },
        ],
      },
      [
        'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
        'spec.auditAnnotations[1].key: Duplicate value: "k"',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(validatingAdmissionPolicies, change)).toEqual(errors);
  });

  it('checks its status', () => {
    const object = loadFixture(validatingAdmissionPolicies);
    object.status = { typeChecking: { expressionWarnings: [{}] }, conditions: [{ type: 'a b', status: 'Maybe' }] };
    const errors = validatingAdmissionPolicies.subresources!.status!.validateUpdate!(object, object);
    expect(errors.map(({ field }) => field)).toEqual([
      'status.typeChecking.expressionWarnings[0].warning',
      'status.typeChecking.expressionWarnings[0].fieldRef',
      'status.conditions[0].type',
      'status.conditions[0].status',
      'status.conditions[0].lastTransitionTime',
      'status.conditions[0].reason',
    ]);
  });
});

describe('MutatingAdmissionPolicy', () => {
  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'needs mutations and how often they run',
      { mutations: [], reinvocationPolicy: '' },
      [
        'spec.mutations: Required value: mutations must contain at least one item',
        'spec.reinvocationPolicy: Required value',
      ],
    ],
    [
      'needs the patch of its type alone',
      { mutations: [{ patchType: 'ApplyConfiguration', jsonPatch: { expression: '[]' } }, { patchType: 'Merge' }] },
      [
        'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
        'spec.mutations[0].jsonPatch: Invalid value: {"expression":"[]"}: must not be specified when patchType is ApplyConfiguration',
        'spec.mutations[1].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(mutatingAdmissionPolicies, change)).toEqual(errors);
  });
});

describe('bindings', () => {
  it.each<Row>([
    ['accepts the sample', {}, []],
    [
      'refuses to deny and to warn',
      { validationActions: ['Deny', 'Warn', 'Warn'] },
      [
        'spec.validationActions[2]: Duplicate value: "Warn"',
        expect.stringMatching(
          /^spec.validationActions: Invalid value: \["Deny","Warn","Warn"\]: must not contain both/,
        ),
      ],
    ],
    [
      'needs an action',
      { validationActions: [] },
      ['spec.validationActions: Required value: at least one validation action is required'],
    ],
    [
      'takes a name or a selector',
      { paramRef: { name: 'a', selector: {} } },
      [
        'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
        'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
        'spec.paramRef.parameterNotFoundAction: Required value',
      ],
    ],
    [
      'needs a name or a selector',
      { paramRef: { parameterNotFoundAction: 'Skip' } },
      [
        'spec.paramRef: Required value: one of name or selector must be specified',
        'spec.paramRef.parameterNotFoundAction: Unsupported value: "Skip": supported values: "Allow", "Deny"',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsOf(validatingAdmissionPolicyBindings, change)).toEqual(errors);
  });

  it('needs a policy', () => {
    expect(errorsOf(mutatingAdmissionPolicyBindings, { policyName: '' })).toEqual(['spec.policyName: Required value']);
  });

  it('shows its parameters', () => {
    const cellOf = (paramRef: unknown) =>
      mutatingAdmissionPolicyBindings.columns![2]!.value({ spec: { policyName: 'a', paramRef } } as any, 0);
    expect(cellOf(undefined)).toBe('<unset>');
    expect(cellOf({ name: 'a', namespace: 'b' })).toBe('b/a');
    expect(cellOf({ selector: { matchLabels: { b: '2', a: '1' } } })).toBe(
      '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{},}',
    );
  });
});
