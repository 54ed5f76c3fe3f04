/**
 * Validation rules of custom resources (`x-kubernetes-validations`). All rules of an object share a budget of cost; what did not
 * change in an update is not held against a rule that asks nothing of the old value. Upstream: apiextensions-apiserver
 * `schema/cel/validation.go`.
 */
import { isDeepStrictEqual } from 'node:util';
import { duplicate, type FieldError, forbidden, invalid, required } from '../../../api/meta/field-error';
import type { KubeObject } from '../../../api/meta/types';
import { type CelProgram, CelRuntimeError, type CostBudget, CostExceeded, createCostBudget } from '../../cel';
import { toCel } from '../../cel/json-values';
import { CelOptional } from '../../cel/values';
import { type Old, oldItems, oldMember } from '../schema/correlation';
import { isJsonObject, type JsonSchema, own, type ValidationRule } from '../schema/json-schema';
import { childPath, indexPath, keyPath } from '../schema/value-path';
import { type CompiledRule, compileRules, hasRules, type RuleNode } from './compile-rules';

export interface RuleValidator {
  readonly hasRules: boolean;
  /** `old` is there on updates: transition rules compare with it. */
  validate(object: KubeObject, old?: KubeObject): FieldError[];
}

/** Rules are compiled when they are first needed. */
export function createRuleValidator(schema: JsonSchema | undefined): RuleValidator {
  let compiled: { node: RuleNode | undefined } | undefined;
  return {
    hasRules: hasRules(schema),
    validate(object, old) {
      const { node } = (compiled ??= { node: schema && compileRules(schema) });
      if (!node) return [];
      const run = new RuleRun(createCostBudget());
      run.visit(node, object, '', old && { value: old }, () => false);
      return run.errors;
    },
  };
}

/** Nothing more can be checked: the budget is used up. */
class OutOfBudget extends Error {}

/** A message longer than this is not used. */
const maxMessageLength = 5 * 1024;

class RuleRun {
  readonly errors: FieldError[] = [];
  private over = false;

  constructor(private readonly budget: CostBudget) {}

  /** `parentUnchanged` tells of the nearest value around that can be compared with its old one. */
  visit(node: RuleNode, value: unknown, path: string, old: Old, parentUnchanged: () => boolean): void {
    if (value === null || value === undefined || this.over) return;
    let same: boolean | undefined;
    const unchanged = (): boolean => (old ? (same ??= isDeepStrictEqual(value, old.value)) : parentUnchanged());
    try {
      for (const rule of node.rules) this.evaluate(rule, node, value, path, old, unchanged);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
      this.over = true;
      return;
    }
    for (const one of node.allOf) this.visit(one, value, path, old, parentUnchanged);
    if (Array.isArray(value)) {
      const oldItem = oldItems(node.schema, old);
      const { items } = node;
      if (items)
        value.forEach((item, index) => this.visit(items, item, indexPath(path, index), oldItem(item), unchanged));
    } else if (isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        const property = node.properties.get(name);
        const isProperty = own(node.schema.properties, name) !== undefined;
        const child = property ?? (isProperty ? undefined : node.additional);
        const memberPath = isProperty ? childPath(path, name) : keyPath(path, name);
        if (child) this.visit(child, member, memberPath, oldMember(node.schema, old, name), unchanged);
      }
    }
  }

  private evaluate(
    compiled: CompiledRule,
    { schema, type }: RuleNode,
    value: unknown,
    path: string,
    old: Old,
    unchanged: () => boolean,
  ): void {
    const { rule, program, usesOldSelf } = compiled;
    const report = (detail: string): void => void this.errors.push(invalid(path || '<nil>', schema.type ?? '', detail));
    if (!program) return report(`rule compile error: ${compiled.error}`);
    // Null is no value to compare with.
    const before = old?.value ?? undefined;
    if (usesOldSelf && before === undefined && !rule.optionalOldSelf) return;
    const optional = before === undefined ? CelOptional.none : CelOptional.of(toCel(before, type));
    const activation = { self: value, oldSelf: rule.optionalOldSelf ? optional : before };
    try {
      if (program.evaluate(activation, this.budget) === true) return;
    } catch (error) {
      return this.failed(error, rule, report);
    }
    if (!usesOldSelf && unchanged()) return;
    const where = rule.fieldPath ? fieldPathBelow(path, rule.fieldPath) : path || '<nil>';
    const detail = this.messageOf(compiled, activation) ?? (rule.message?.trim() || `failed rule: ${rule.rule.trim()}`);
    this.errors.push(errorFor(rule, where, schema.type ?? '', detail));
  }

  private failed(error: unknown, rule: ValidationRule, report: (detail: string) => void): void {
    const told = rule.message?.trim() || rule.rule.trim();
    if (error instanceof CostExceeded) {
      report(
        error.scope === 'budget' || this.budget.remaining === 0
          ? 'validation failed due to running out of cost budget, no further validation rules will be run'
          : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${told}`,
      );
      throw new OutOfBudget();
    }
    if (!(error instanceof CelRuntimeError)) throw error;
    report(
      error.message.startsWith('no such overload')
        ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${told}`
        : `${error.message} evaluating rule: ${told}`,
    );
  }

  /** Undefined where the expression fails or gives nothing fit to be a message: then the rule's own is used. */
  private messageOf({ message }: CompiledRule, activation: Readonly<Record<string, unknown>>): string | undefined {
    const text = message && evaluateText(message, activation, this.budget);
    if (!text || Buffer.byteLength(text) > maxMessageLength || text.includes('\n')) return undefined;
    return text;
  }
}

function evaluateText(
  program: CelProgram,
  activation: Readonly<Record<string, unknown>>,
  budget: CostBudget,
): string | undefined {
  try {
    const value = program.evaluate(activation, budget);
    return typeof value === 'string' ? value.trim() : undefined;
  } catch (error) {
    if (error instanceof CelRuntimeError || error instanceof CostExceeded) return undefined;
    throw error;
  }
}

/** `.spec.x` and `['quoted']` below a path. */
const fieldPathBelow = (path: string, fieldPath: string): string =>
  childPath(path, fieldPath.replace(/\['((?:\\.|[^'\\])*)'\]/g, '.$1').replace(/^\./, ''));

function errorFor(rule: ValidationRule, path: string, value: unknown, detail: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail);
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueDuplicate':
      return duplicate(path, value);
    default:
      return invalid(path, value, detail);
  }
}
