/**
 * What a rule may cost at most, from the sizes that the schema allows: rules that could never stay within their limit are refused with
 * the CustomResourceDefinition. Where nothing bounds a size the estimate leaves it out; evaluation is metered anyway. Upstream:
 * cel-go `checker/cost.go`, apiserver `pkg/cel/library/cost.go`.
 */
import type { CelProgram, CelType } from '../../cel';
import type { Call, Expr } from '../../cel/ast';

/** Upstream's StaticEstimatedCostLimit, of one rule over all values it is about. */
export const ruleCostLimit = 10_000_000;
/** Upstream's StaticEstimatedCRDCostLimit, of all rules of a schema. */
export const schemaCostLimit = 100_000_000;

const listCost = 10;
const mapCost = 30;
const structCost = 40;
const traversal = 0.1;
const regexFactor = 0.25;

/** The most that one evaluation costs. */
export const estimateCost = ({ expr, checked }: CelProgram): number => costOf(expr, (node) => checked.typeOf(node));

type TypeOf = (expr: Expr) => CelType;

function costOf(expr: Expr, typeOf: TypeOf): number {
  const cost = (node: Expr): number => costOf(node, typeOf);
  const sum = (nodes: readonly Expr[]): number => nodes.reduce((total, node) => total + cost(node), 0);
  switch (expr.kind) {
    case 'literal':
      return 0;
    case 'ident':
      return 1;
    case 'select':
      return cost(expr.operand) + 1;
    case 'call':
      return callCost(expr, cost, typeOf);
    case 'list':
      return listCost + sum(expr.elements.map(({ value }) => value));
    case 'map':
      return mapCost + sum(expr.entries.flatMap(({ key, value }) => [key, value]));
    case 'struct':
      return structCost + sum(expr.fields.map(({ value }) => value));
    case 'comprehension': {
      const each = 2 + (expr.filter ? cost(expr.filter) : 0) + cost(expr.body);
      return cost(expr.range) + 1 + sizeOf(expr.range, typeOf) * each;
    }
    case 'optionalMap':
      return cost(expr.operand) + cost(expr.body) + 1;
  }
}

function callCost({ name, target, args }: Call, cost: (expr: Expr) => number, typeOf: TypeOf): number {
  const operands = target ? [target, ...args] : args;
  const [first, second, third] = operands;
  if (name === '_?_:_') return cost(first!) + Math.max(cost(second!), cost(third!));
  return operands.reduce((total, operand) => total + cost(operand), 0) + ownCost(name, operands, typeOf);
}

const comparisons: ReadonlySet<string> = new Set(['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_']);

/** Without its operands. */
function ownCost(name: string, operands: readonly Expr[], typeOf: TypeOf): number {
  const [a = 0, b = 0] = operands.map((operand) => sizeOf(operand, typeOf));
  if (name === '_&&_' || name === '_||_') return 0;
  if (comparisons.has(name)) return Math.max(1, Math.ceil(Math.min(a, b) * traversal));
  switch (name) {
    case '@in':
    case '_in_':
      return Math.max(1, b);
    case '_+_':
      return Math.max(1, Math.ceil((a + b) * traversal));
    case 'matches':
      return Math.max(1, Math.ceil((a + 1) * traversal) * Math.ceil(b * regexFactor));
    case 'contains':
      return Math.max(1, Math.ceil(a * traversal) * Math.ceil(b * traversal));
    case 'startsWith':
    case 'endsWith':
      return Math.max(1, Math.ceil(b * traversal));
    case 'split':
    case 'replace':
    case 'lowerAscii':
    case 'upperAscii':
    case 'trim':
    case 'substring':
    case 'indexOf':
      return Math.max(1, Math.ceil(a * traversal));
    default:
      return 1;
  }
}

/** Of texts, lists and maps; 0 where it is not bounded, and for everything else. */
function sizeOf(expr: Expr, typeOf: TypeOf): number {
  if (expr.kind === 'literal') return typeof expr.value === 'string' ? expr.value.length : 0;
  if (expr.kind === 'list') return expr.elements.length;
  const type = typeOf(expr);
  return 'maxSize' in type ? (type.maxSize ?? 0) : 0;
}

/** `estimated rule cost exceeds budget by factor of 5.4x (…)`. */
export function costProblem(what: string, cost: number, limit: number): string {
  const times = cost / limit;
  const factor = times > 100 ? 'more than 100x' : `${times.toFixed(times < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
