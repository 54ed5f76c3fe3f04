/**
 * Functions as their libraries declare them: a signature as the documentation writes it (`string.charAt(int): string`,
 * `list<T>.indexOf(T): int`), what it does, and what it costs beyond one step.
 */
import type { Meter } from './budget';
import { types, type CelType } from './types';
import type { CelValue } from './values';

export interface Overload {
  name: string;
  /** Called on a target, which is the first of the parameters then. */
  member: boolean;
  params: CelType[];
  result: CelType;
  run(args: any[], meter: Meter): CelValue;
}

/** Spends from the meter itself where its work depends on its arguments. Throws Failure. */
export type Implementation = (args: any[], meter: Meter) => CelValue;

export type FunctionTable = ReadonlyMap<string, readonly Overload[]>;

export const declare = (functions: Record<string, Implementation>): Overload[] =>
  Object.entries(functions).map(([signature, run]) => ({ ...parseSignature(signature), run }));

export function functionTable(...libraries: Overload[][]): FunctionTable {
  const table = new Map<string, Overload[]>();
  for (const overload of libraries.flat()) {
    const others = table.get(overload.name);
    if (others) others.push(overload);
    else table.set(overload.name, [overload]);
  }
  return table;
}

/** What stands before the dot of these is no type but part of the name. */
const namespaces = /^(?:sets|optional|ip|format|strings|jsonpatch)\./;

/** `T.f(A, B): R`, where types are `int`, `list<T>`, `map<K, V>`, `optional<T>`, a parameter in capitals, or an opaque name. */
function parseSignature(text: string): Omit<Overload, 'run'> {
  const reader = new SignatureReader(text);
  const before = text.slice(0, text.indexOf('('));
  const simple = !/\.\w+$/.test(before) || namespaces.test(before);
  let target: CelType | undefined;
  if (!simple) {
    target = reader.type();
    reader.expect('.');
  }
  const name = simple ? reader.take(/[^(]+/y) : reader.take(/\w+/y);
  reader.expect('(');
  const params: CelType[] = target ? [target] : [];
  while (!reader.accept(')')) {
    params.push(reader.type());
    reader.accept(', ');
  }
  reader.expect(': ');
  return { name, member: target !== undefined, params, result: reader.type() };
}

class SignatureReader {
  private position = 0;

  constructor(private readonly text: string) {}

  take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (!found) throw new Error(`bad signature ${this.text} at ${this.position}`);
    this.position += found.length;
    return found;
  }

  accept(token: string): boolean {
    const found = this.text.startsWith(token, this.position);
    if (found) this.position += token.length;
    return found;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw new Error(`bad signature ${this.text} at ${this.position}`);
  }

  type(): CelType {
    const name = this.take(/kubernetes\.(?:[a-z]+\.)*[A-Z]\w*|net\.[A-Z]+|[a-zA-Z]+/y);
    const args: CelType[] = [];
    if (this.accept('<')) {
      while (!this.accept('>')) {
        args.push(this.type());
        this.accept(', ');
      }
    }
    switch (name) {
      case 'list':
        return types.list(args[0]!);
      case 'map':
        return types.map(args[0]!, args[1]!);
      case 'optional':
        return types.optional(args[0]!);
      case 'type':
        return { kind: 'type', ...(args[0] && { of: args[0] }) };
      default:
        if (/^[A-Z]$/.test(name)) return { kind: 'param', name };
        return name in types ? (types as unknown as Record<string, CelType>)[name]! : types.opaque(name);
    }
  }
}
