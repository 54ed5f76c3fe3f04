/**
 * The rules of a schema, compiled, in a tree of its shape. Rules also stand in `allOf`, about values whose type the schema around
 * it tells. Upstream: apiextensions-apiserver `schema/cel/{compilation,validation}.go`.
 */
import { type CelProgram, CelCompileError, type CelType, compileCel, types } from '../../cel';
import { additionalOf, type JsonSchema, own, type ValidationRule } from '../schema/json-schema';
import { celTypeOf } from './cel-types';

export interface CompiledRule {
  rule: ValidationRule;
  /** Undefined: it does not compile, and `error` tells why. */
  program?: CelProgram;
  error?: string;
  /** Of `messageExpression`, alike. */
  message?: CelProgram;
  messageError?: string;
  usesOldSelf: boolean;
}

export interface RuleNode {
  schema: JsonSchema;
  type: CelType | undefined;
  rules: CompiledRule[];
  allOf: RuleNode[];
  properties: ReadonlyMap<string, RuleNode>;
  items: RuleNode | undefined;
  additional: RuleNode | undefined;
}

/** True if there is a rule anywhere. */
export function hasRules(schema: JsonSchema | undefined): boolean {
  if (!schema) return false;
  return (
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
    Object.values(schema.properties ?? {}).some(hasRules) ||
    hasRules(schema.items) ||
    hasRules(additionalOf(schema)) ||
    (schema.allOf ?? []).some(hasRules)
  );
}

export const compileRules = (schema: JsonSchema): RuleNode | undefined =>
  hasRules(schema) ? nodeOf(schema, schema, true) : undefined;

/** `rules` holds the rules, `shape` the schema of the values; they differ inside of `allOf`. */
function nodeOf(rules: JsonSchema, shape: JsonSchema, isRoot: boolean): RuleNode | undefined {
  if (!hasRules(rules)) return undefined;
  const type = celTypeOf(shape, isRoot);
  const child = (childRules: JsonSchema | undefined, childShape: JsonSchema | undefined): RuleNode | undefined =>
    childRules && childShape
      ? nodeOf(childRules, childShape, childShape['x-kubernetes-embedded-resource'] === true)
      : undefined;
  const properties = Object.entries(rules.properties ?? {}).flatMap(([name, property]): [string, RuleNode][] => {
    const node = child(property, own(shape.properties, name));
    return node ? [[name, node]] : [];
  });
  return {
    schema: shape,
    type,
    rules: (rules['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, type)),
    allOf: (rules.allOf ?? []).flatMap((one) => nodeOf(one, shape, isRoot) ?? []),
    properties: new Map(properties),
    items: child(rules.items, shape.items),
    additional: child(additionalOf(rules), additionalOf(shape)),
  };
}

function compileRule(rule: ValidationRule, type: CelType | undefined): CompiledRule {
  if (!type) return { rule, usesOldSelf: false, error: 'the type of self is not known' };
  const variables = { self: type, oldSelf: rule.optionalOldSelf ? types.optional(type) : type };
  const compiled = tryCompile(rule.rule, variables, types.bool, 'cel expression must evaluate to a bool');
  const message =
    rule.messageExpression === undefined
      ? undefined
      : tryCompile(rule.messageExpression, variables, types.string, 'messageExpression must evaluate to a string');
  return {
    rule,
    ...compiled,
    ...(message && {
      ...(message.program && { message: message.program }),
      ...(message.error !== undefined && { messageError: message.error }),
    }),
    usesOldSelf: compiled.program !== undefined && names(compiled.program.expr, 'oldSelf'),
  };
}

function tryCompile(
  source: string,
  variables: Record<string, CelType>,
  resultType: CelType,
  otherResult: string,
): { program?: CelProgram; error?: string } {
  try {
    const program = compileCel(source, { variables });
    const { kind } = program.resultType;
    return kind === resultType.kind || kind === 'dyn' ? { program } : { error: otherResult };
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return { error: `compilation failed: ${error.message}` };
  }
}

/** True if the identifier stands anywhere in the tree. */
function names(expr: unknown, identifier: string): boolean {
  if (typeof expr !== 'object' || expr === null) return false;
  if (Array.isArray(expr)) return expr.some((item) => names(item, identifier));
  const { kind, name } = expr as { kind?: unknown; name?: unknown };
  if (kind === 'ident' && name === identifier) return true;
  return kind !== 'literal' && Object.values(expr).some((member) => names(member, identifier));
}
