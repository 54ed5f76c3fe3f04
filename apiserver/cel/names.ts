/** Names in expressions that are no variables: of types, and dotted ones. */
import type { Expr } from './ast';
import { types, type CelType } from './types';

/** Types that can be named, with what their name denotes. */
export const namedTypes: Record<string, CelType> = {
  bool: types.bool,
  int: types.int,
  uint: types.uint,
  double: types.double,
  string: types.string,
  bytes: types.bytes,
  list: types.list(types.dyn),
  map: types.map(types.dyn, types.dyn),
  null_type: types.null,
  type: { kind: 'type' },
  optional_type: types.optional(types.dyn),
  'google.protobuf.Timestamp': types.timestamp,
  'google.protobuf.Duration': types.duration,
  'net.IP': types.opaque('net.IP'),
  'net.CIDR': types.opaque('net.CIDR'),
};

/** `a.b.c` when the node is only that. */
export function dottedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.mode !== 'value') return undefined;
  const operand = dottedName(expr.operand);
  return operand && `${operand}.${expr.field}`;
}
