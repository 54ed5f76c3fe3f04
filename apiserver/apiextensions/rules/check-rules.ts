/**
 * What is asked of rules when a CustomResourceDefinition is written: that they compile, that `oldSelf` can be found, and that they
 * cannot cost too much. Upstream: apiextensions-apiserver `validation/validation.go`, ValidateCustomResourceDefinitionOpenAPISchema.
 */
import { type FieldError, type FieldPath, forbidden, invalid } from '../../../api/meta/field-error';
import { maxEntriesOf, maxItemsOf } from './cel-types';
import type { CompiledRule, RuleNode } from './compile-rules';
import { costProblem, estimateCost, ruleCostLimit, schemaCostLimit } from './estimate-cost';

/** Where a node stands. */
interface Place {
  path: FieldPath;
  /** An old value can be found for each new one, so that rules may name `oldSelf`. */
  correlatable: boolean;
  /** How many values of the node an object may have. */
  cardinality: number;
}

/** Costs by the path of their rule. */
type Costs = Map<FieldPath, number>;

export function checkRules(root: RuleNode, path: FieldPath): FieldError[] {
  const costs: Costs = new Map();
  const errors = checkNode(root, { path, correlatable: true, cardinality: 1 }, costs);
  const total = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
  if (total <= schemaCostLimit) return errors;
  const contributors = [...costs].filter(([, cost]) => cost >= schemaCostLimit / 100);
  const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  return [
    ...errors,
    ...contributors.map(([rule]) =>
      forbidden(rule, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
    ),
    forbidden(path, costProblem(what, total, schemaCostLimit)),
  ];
}

function checkNode(node: RuleNode, place: Place, costs: Costs): FieldError[] {
  const { schema } = node;
  const { path, correlatable, cardinality } = place;
  const rulesPath = path.child('x-kubernetes-validations');
  const keepsMembers = correlatable && schema['x-kubernetes-map-type'] !== 'atomic';
  const items = {
    path: path.child('items'),
    correlatable: correlatable && schema['x-kubernetes-list-type'] === 'map',
    cardinality: cardinality * maxItemsOf(schema),
  };
  const additional = {
    path: path.child('additionalProperties'),
    correlatable: keepsMembers,
    cardinality: cardinality * maxEntriesOf(schema),
  };
  return [
    ...node.rules.flatMap((rule, index) => checkRule(rule, rulesPath.index(index), place, costs)),
    ...node.allOf.flatMap((one, index) => checkNode(one, { ...place, path: path.child('allOf').index(index) }, costs)),
    ...[...node.properties].flatMap(([name, property]) =>
      checkNode(property, { path: path.child('properties').key(name), correlatable: keepsMembers, cardinality }, costs),
    ),
    ...(node.items ? checkNode(node.items, items, costs) : []),
    ...(node.additional ? checkNode(node.additional, additional, costs) : []),
  ];
}

function checkRule(compiled: CompiledRule, path: FieldPath, place: Place, costs: Costs): FieldError[] {
  const { rule, program, error, message, messageError, usesOldSelf } = compiled;
  const errors: FieldError[] = [];
  const rulePath = path.child('rule');
  const messagePath = path.child('messageExpression');
  if (error !== undefined) errors.push(invalid(rulePath, rule.rule, error));
  if (messageError !== undefined) {
    errors.push(
      invalid(
        messagePath,
        rule.messageExpression,
        messageError.replace(/^compilation/, 'messageExpression compilation'),
      ),
    );
  }
  if (usesOldSelf && !place.correlatable && !rule.optionalOldSelf) {
    const where = String(place.path);
    errors.push(
      forbidden(rulePath, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${where}`),
    );
  }
  for (const [at, what, expression] of [
    [rulePath, 'estimated rule cost', program],
    [messagePath, 'estimated messageExpression cost', message],
  ] as const) {
    if (!expression) continue;
    const cost = estimateCost(expression) * place.cardinality;
    costs.set(at, cost);
    if (cost > ruleCostLimit) errors.push(forbidden(at, costProblem(what, cost, ruleCostLimit)));
  }
  return errors;
}
