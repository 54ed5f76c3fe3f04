/**
 * Expressions are compiled when what holds them is written, so that a mistake is told at once. What an update leaves as it was
 * is not asked again. Upstream: `pkg/apis/admissionregistration/validation`.
 */
import type {
  MutatingAdmissionPolicy,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from '../../api/admissionregistration/v1/types';
import { at } from '../../api/meta/field-checks';
import { type FieldError, type FieldPath, invalid } from '../../api/meta/field-error';
import type { StoreHooks } from '../registry/store';
import { conditionVariables } from './dynamic/cel-environment';
import type { Expression } from './dynamic/expressions';
import { compileConditions, type CompiledConditions } from './dynamic/match-conditions';
import { compileMutating } from './policy/mutating-program';
import { compileValidating } from './policy/validating-program';
import type { CompiledVariables } from './policy/variables';

type Problem = [path: FieldPath, expression: Expression];

const conditionsAt = (path: FieldPath, { conditions }: CompiledConditions): Problem[] =>
  conditions.map(({ expression }, index) => [
    path.child('matchConditions').index(index).child('expression'),
    expression,
  ]);

const variablesAt = (path: FieldPath, { expressions }: CompiledVariables): Problem[] =>
  expressions.map(({ expression }, index) => [path.child('variables').index(index).child('expression'), expression]);

const errorsOf = (problems: Problem[], known: ReadonlySet<string>): FieldError[] =>
  problems.flatMap(([path, { source, problem }]) =>
    problem === undefined || !source.trim() || known.has(source) ? [] : [invalid(path, source, problem)],
  );

/** `expressionsOf` gives all expressions with their places. */
function hooksFor(expressionsOf: (object: any) => Problem[]): StoreHooks<any> {
  return {
    validate(object, old) {
      const known = new Set(old ? expressionsOf(old).map(([, { source }]) => source) : []);
      return errorsOf(expressionsOf(object), known);
    },
  };
}

function ofWebhooks({ webhooks = [] }: MutatingWebhookConfiguration | ValidatingWebhookConfiguration): Problem[] {
  return webhooks.flatMap(({ matchConditions }, index) =>
    conditionsAt(at('webhooks').index(index), compileConditions(matchConditions, conditionVariables)),
  );
}

function ofValidating(policy: ValidatingAdmissionPolicy): Problem[] {
  const spec = at('spec');
  const { variables, conditions, validations, auditAnnotations } = compileValidating(policy);
  return [
    ...conditionsAt(spec, conditions),
    ...variablesAt(spec, variables),
    ...validations.flatMap(({ expression, message }, index): Problem[] => {
      const path = spec.child('validations').index(index);
      const ownMessage: Problem[] = message ? [[path.child('messageExpression'), message]] : [];
      return [[path.child('expression'), expression], ...ownMessage];
    }),
    ...auditAnnotations.map(({ expression }, index): Problem => [
      spec.child('auditAnnotations').index(index).child('valueExpression'),
      expression,
    ]),
  ];
}

function ofMutating(policy: MutatingAdmissionPolicy): Problem[] {
  const spec = at('spec');
  const { variables, conditions, mutations } = compileMutating(policy);
  return [
    ...conditionsAt(spec, conditions),
    ...variablesAt(spec, variables),
    ...mutations.map(({ patchType, expression }, index): Problem => {
      const field = patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
      return [spec.child('mutations').index(index).child(field).child('expression'), expression];
    }),
  ];
}

/** By plural name. */
export const createExpressionHooks = (): Readonly<Record<string, StoreHooks<any>>> => ({
  mutatingwebhookconfigurations: hooksFor(ofWebhooks),
  validatingwebhookconfigurations: hooksFor(ofWebhooks),
  validatingadmissionpolicies: hooksFor(ofValidating),
  mutatingadmissionpolicies: hooksFor(ofMutating),
});
