/**
 * Finds the type of every node before anything is evaluated, and refuses what can never work, in cel-go's words. `dyn` goes
 * everywhere and is looked at again at run time.
 */
import type { Call, Comprehension, Expr, ListLiteral, MapLiteral, OptionalMap, Select, StructLiteral } from './ast';
import { operatorOf, resultType, variableTypes } from './comprehension-types';
import { CelCompileError, type CelIssue } from './errors';
import type { FunctionTable, Overload } from './functions';
import { dottedName, namedTypes } from './names';
import {
  type Bindings,
  type CelType,
  formatType,
  isAssignable,
  joinTypes,
  type ObjectType,
  substitute,
  types,
} from './types';
import { typeOfValue } from './values';

export interface Checked {
  type: CelType;
  typeOf(expr: Expr): CelType;
  /** The candidates at run time: one when the types say which. */
  overloadsOf(call: Call): readonly Overload[];
  /** The name of a type that an identifier or a dotted name stands for: `int`, `google.protobuf.Timestamp`. */
  typeNameOf(expr: Expr): string | undefined;
  /** A variable with a dot in its name (`authorizer.requestResource`) that a selection stands for. */
  variableOf(expr: Expr): string | undefined;
  /** Calls whose target is a namespace (`sets.contains(a, b)`). */
  isQualified(call: Call): boolean;
}

export interface Declarations {
  variables: ReadonlyMap<string, CelType>;
  functions: FunctionTable;
  /** Types that `Name{…}` may build. */
  structs?: ((name: string) => ObjectType | undefined) | undefined;
}

type Scope = ReadonlyMap<string, CelType>;

/** Throws CelCompileError with all that is wrong. */
export function check(source: string, expr: Expr, declarations: Declarations): Checked {
  const checker = new Checker(declarations);
  const type = checker.visit(expr, declarations.variables);
  if (checker.issues.length) throw new CelCompileError(source, checker.issues);
  return {
    type,
    typeOf: (node) => checker.found.get(node) ?? types.dyn,
    overloadsOf: (call) => checker.resolved.get(call) ?? [],
    typeNameOf: (node) => checker.typeNames.get(node),
    variableOf: (node) => checker.dottedVariables.get(node),
    isQualified: (call) => checker.qualified.has(call),
  };
}

class Checker {
  readonly issues: CelIssue[] = [];
  readonly found = new Map<Expr, CelType>();
  readonly resolved = new Map<Call, Overload[]>();
  readonly typeNames = new Map<Expr, string>();
  readonly dottedVariables = new Map<Expr, string>();
  readonly qualified = new Set<Call>();

  constructor(private readonly declarations: Declarations) {}

  visit(expr: Expr, scope: Scope): CelType {
    const type = this.typeOf(expr, scope);
    this.found.set(expr, type);
    return type;
  }

  private report(at: number, message: string): CelType {
    this.issues.push({ offset: at, message });
    return types.dyn;
  }

  private typeOf(expr: Expr, scope: Scope): CelType {
    switch (expr.kind) {
      case 'literal': {
        const type = typeOfValue(expr.value);
        if (typeof expr.value === 'string') return { kind: 'string', maxSize: expr.value.length };
        return type;
      }
      case 'ident':
        return (
          scope.get(expr.name) ??
          this.namedType(expr, expr.name) ??
          this.report(expr.at, `undeclared reference to '${expr.name}' (in container '')`)
        );
      case 'select':
        return this.select(expr, scope);
      case 'call':
        return this.call(expr, scope);
      case 'list':
        return this.list(expr, scope);
      case 'map':
        return this.map(expr, scope);
      case 'struct':
        return this.struct(expr, scope);
      case 'comprehension':
        return this.comprehension(expr, scope);
      case 'optionalMap':
        return this.optionalMap(expr, scope);
    }
  }

  private namedType(expr: Expr, name: string): CelType | undefined {
    const of = Object.hasOwn(namedTypes, name) ? namedTypes[name] : undefined;
    if (!of) return undefined;
    this.typeNames.set(expr, name);
    return { kind: 'type', of };
  }

  private select(expr: Select, scope: Scope): CelType {
    const dotted = dottedName(expr);
    const variable = dotted === undefined ? undefined : scope.get(dotted);
    if (dotted !== undefined && variable) {
      this.dottedVariables.set(expr, dotted);
      return variable;
    }
    if (dotted && !scope.has(dotted.slice(0, dotted.indexOf('.')))) {
      const named = expr.mode === 'value' ? this.namedType(expr, dotted) : undefined;
      if (named) return named;
    }
    const operand = this.visit(expr.operand, scope);
    const inner = operand.kind === 'optional' ? operand.of : operand;
    const field = this.fieldType(inner, expr);
    if (expr.mode === 'test') return types.bool;
    const wraps = expr.mode === 'optional' || operand.kind === 'optional';
    return wraps && field.kind !== 'optional' ? types.optional(field) : field;
  }

  private fieldType(operand: CelType, { field, at }: Select): CelType {
    switch (operand.kind) {
      case 'dyn':
        return types.dyn;
      case 'map':
        return operand.value;
      case 'object':
        return operand.fields.get(field)?.type ?? this.report(at, `undefined field '${field}'`);
      default:
        return this.report(at, `type '${formatType(operand)}' does not support field selection`);
    }
  }

  private call(expr: Call, scope: Scope): CelType {
    const { functions } = this.declarations;
    const { target } = expr;
    const namespace = target && dottedName(target);
    if (target && namespace && !scope.has(namespace.split('.')[0]!) && functions.has(`${namespace}.${expr.name}`)) {
      this.qualified.add(expr);
      const args = expr.args.map((arg) => this.visit(arg, scope));
      return this.resolve(expr, functions.get(`${namespace}.${expr.name}`)!, args, `${namespace}.${expr.name}`);
    }
    const args = (target ? [target, ...expr.args] : expr.args).map((arg) => this.argument(expr.name, arg, scope));
    const candidates = functions.get(expr.name);
    if (!candidates) return this.report(expr.at, `undeclared reference to '${expr.name}' (in container '')`);
    const sameForm = candidates.filter(({ member }) => member === (target !== undefined));
    return this.resolve(expr, sameForm, args, expr.name);
  }

  /** What is formatted may be of different types, unlike the elements of other lists. */
  private argument(name: string, arg: Expr, scope: Scope): CelType {
    if (name !== 'format' || arg.kind !== 'list') return this.visit(arg, scope);
    for (const { value } of arg.elements) this.visit(value, scope);
    return types.list(types.dyn);
  }

  private resolve(expr: Call, candidates: readonly Overload[], args: CelType[], name: string): CelType {
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of candidates) {
      if (overload.params.length !== args.length) continue;
      const bindings: Bindings = new Map();
      if (!overload.params.every((param, i) => isAssignable(param, args[i]!, bindings))) continue;
      matching.push(overload);
      const type = substitute(overload.result, bindings);
      result = result === undefined || sameType(result, type) ? type : types.dyn;
    }
    if (result === undefined) {
      const printed = args.map((arg) => formatType(arg));
      const applied =
        expr.target && !this.qualified.has(expr)
          ? `${printed[0]}.(${printed.slice(1).join(', ')})`
          : `(${printed.join(', ')})`;
      return this.report(expr.at, `found no matching overload for '${name}' applied to '${applied}'`);
    }
    this.resolved.set(expr, matching);
    return result;
  }

  private list({ elements }: ListLiteral, scope: Scope): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      const type = this.element(this.visit(value, scope), optional, value);
      joined = this.join(joined, type, value);
    }
    return types.list(joined ?? types.dyn, elements.length);
  }

  /** What an optional element holds. */
  private element(type: CelType, optional: boolean, { at }: Expr): CelType {
    if (!optional || type.kind === 'dyn') return type;
    if (type.kind === 'optional') return type.of;
    return this.report(at, `expected type 'optional_type(${formatType(type)})' but found '${formatType(type)}'`);
  }

  /** Literals have elements of one type in Kubernetes. */
  private join(joined: CelType | undefined, type: CelType, { at }: Expr): CelType {
    if (!joined) return type;
    return (
      joinTypes(joined, type) ??
      this.report(at, `expected type '${formatType(joined)}' but found '${formatType(type)}'`)
    );
  }

  private map({ entries }: MapLiteral, scope: Scope): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of entries) {
      key = this.join(key, this.visit(entry.key, scope), entry.key);
      value = this.join(value, this.element(this.visit(entry.value, scope), entry.optional, entry.value), entry.value);
    }
    return types.map(key ?? types.dyn, value ?? types.dyn);
  }

  private struct({ type: name, fields, at }: StructLiteral, scope: Scope): CelType {
    const type = this.declarations.structs?.(name);
    if (!type) return this.report(at, `undeclared reference to '${name}' (in container '')`);
    for (const { name: field, value, optional, at: fieldAt } of fields) {
      const actual = this.element(this.visit(value, scope), optional, value);
      const wanted = type.fields.get(field)?.type;
      if (!wanted) this.report(fieldAt, `undefined field '${field}'`);
      else if (!isAssignable(wanted, actual)) {
        const message = `expected type of field '${field}' is '${formatType(wanted)}' but provided type is '${formatType(actual)}'`;
        this.report(fieldAt, message);
      }
    }
    return type;
  }

  private comprehension(expr: Comprehension, scope: Scope): CelType {
    const range = this.visit(expr.range, scope);
    const variables = variableTypes(range, expr.variables);
    if (!variables) {
      this.report(
        expr.range.at,
        `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
    }
    const inner = new Map(scope);
    for (const [index, name] of expr.variables.entries()) inner.set(name, variables?.[index] ?? types.dyn);
    if (expr.filter) this.expectBool(this.visit(expr.filter, inner), expr.filter, '_?_:_');
    const body = this.visit(expr.body, inner);
    const operator = operatorOf[expr.macro];
    if (operator) this.expectBool(body, expr.body, operator);
    return resultType(expr.macro, range, body);
  }

  private expectBool(type: CelType, { at }: Expr, operator: string): void {
    if (isAssignable(types.bool, type)) return;
    const applied = operator === '_?_:_' ? `(${formatType(type)}, dyn, dyn)` : `(bool, ${formatType(type)})`;
    this.report(at, `found no matching overload for '${operator}' applied to '${applied}'`);
  }

  private optionalMap(expr: OptionalMap, scope: Scope): CelType {
    const operand = this.visit(expr.operand, scope);
    if (operand.kind !== 'optional' && operand.kind !== 'dyn') {
      const name = expr.flat ? 'optFlatMap' : 'optMap';
      return this.report(expr.at, `found no matching overload for '${name}' applied to '${formatType(operand)}.()'`);
    }
    const inner = new Map(scope).set(expr.variable, operand.kind === 'optional' ? operand.of : types.dyn);
    const body = this.visit(expr.body, inner);
    return expr.flat ? body : types.optional(body);
  }
}

const sameType = (a: CelType, b: CelType): boolean => formatType(a) === formatType(b);
