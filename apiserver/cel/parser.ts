/**
 * Parses CEL with the optional syntax (`a.?b`, `[?x]`, `{?k: v}`), messages (`Object{…}`) and macros of Kubernetes.
 * Depth and size are bounded, so that no expression overflows the stack.
 */
import type { Entry, Expr, FieldInit } from './ast';
import { CelCompileError } from './errors';
import { expandMacro } from './macros';
import { type Token, tokenize } from './tokens';

const maxSourceLength = 100_000;
const maxDepth = 250;

const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const binaryLevels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** cel-go's name of a binary operator. */
const operatorName = (symbol: string): string => (symbol === 'in' ? '@in' : `_${symbol}_`);

/** Throws CelCompileError. */
export function parse(source: string): Expr {
  if (source.length > maxSourceLength) {
    throw new CelCompileError('', [
      {
        offset: 0,
        message: `expression code point size exceeds limit: size: ${source.length}, limit ${maxSourceLength}`,
      },
    ]);
  }
  return new Parser(source, tokenize(source)).whole();
}

class Parser {
  private next = 0;
  private depth = 0;

  constructor(
    private readonly source: string,
    private readonly tokens: readonly Token[],
  ) {}

  whole(): Expr {
    const expr = this.expression();
    if (this.peek().kind !== 'end') this.unexpected();
    return expr;
  }

  private peek(): Token {
    return this.tokens[this.next]!;
  }

  private is(text: string): boolean {
    const { kind, text: found } = this.peek();
    return found === text && (kind === 'symbol' || (text === 'in' && kind === 'ident'));
  }

  private accept(text: string): Token | undefined {
    return this.is(text) ? this.tokens[this.next++] : undefined;
  }

  private expect(text: string): Token {
    return this.accept(text) ?? this.unexpected(text);
  }

  private fail(offset: number, message: string): never {
    throw new CelCompileError(this.source, [{ offset, message }]);
  }

  private unexpected(expected?: string): never {
    const { text, at } = this.peek();
    const suffix = expected ? ` expecting '${expected}'` : '';
    return this.fail(at, `Syntax error: mismatched input '${text}'${suffix}`);
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > maxDepth) this.fail(this.peek().at, `expression recursion limit exceeded: ${maxDepth}`);
    const result = read();
    this.depth--;
    return result;
  }

  private expression(): Expr {
    return this.nested(() => {
      const condition = this.binary(0);
      const question = this.accept('?');
      if (!question) return condition;
      const then = this.binary(0);
      this.expect(':');
      return { kind: 'call', name: '_?_:_', args: [condition, then, this.expression()], at: question.at };
    });
  }

  /** Chains of `||` and `&&` become balanced trees, as in cel-go: they may be long. */
  private binary(level: number): Expr {
    const operators = binaryLevels[level];
    if (!operators) return this.unary();
    let left = this.binary(level + 1);
    const terms = [left];
    const positions: number[] = [];
    let length = 0;
    for (;;) {
      const operator = operators.find((symbol) => this.is(symbol));
      if (!operator) break;
      const { at } = this.expect(operator);
      const right = this.binary(level + 1);
      if (level < 2) {
        terms.push(right);
        positions.push(at);
        continue;
      }
      if (++length > maxDepth) this.fail(at, `expression recursion limit exceeded: ${maxDepth}`);
      left = { kind: 'call', name: operatorName(operator), args: [left, right], at };
    }
    return positions.length ? balance(operatorName(operators[0]!), terms, positions) : left;
  }

  private unary(): Expr {
    const first = this.peek();
    if (this.is('!') || this.is('-')) {
      let count = 0;
      while (this.accept(first.text)) count++;
      if (this.is('!') || this.is('-'))
        return count % 2
          ? this.applied(
              first,
              this.nested(() => this.unary()),
            )
          : this.unary();
      if (first.text === '-' && count % 2 && this.peek().kind === 'literal') {
        const literal = this.peek().value;
        if (typeof literal === 'bigint' || typeof literal === 'number') {
          this.next++;
          return this.members({ kind: 'literal', value: -literal, at: first.at });
        }
      }
      const operand = this.members(this.primary());
      return count % 2 ? this.applied(first, operand) : operand;
    }
    return this.members(this.primary());
  }

  private applied({ text, at }: Token, operand: Expr): Expr {
    return { kind: 'call', name: text === '!' ? '!_' : '-_', args: [operand], at };
  }

  /** `.field`, `.?field`, `.method(…)`, `[index]`, `[?index]` after a primary. */
  private members(start: Expr): Expr {
    let expr = start;
    for (let length = 0; ; length++) {
      if (length > maxDepth) this.fail(this.peek().at, `expression recursion limit exceeded: ${maxDepth}`);
      const dot = this.accept('.');
      if (dot) {
        const optional = this.accept('?') !== undefined;
        const { text: field, kind } = this.fieldName();
        const open = !optional && kind === 'ident' && this.accept('(');
        if (open) {
          const args = this.list(')', () => this.expression());
          expr = this.call(field, expr, args, open.at);
        } else expr = { kind: 'select', operand: expr, field, mode: optional ? 'optional' : 'value', at: dot.at };
        continue;
      }
      const bracket = this.accept('[');
      if (!bracket) return expr;
      const name = this.accept('?') ? '_[?_]' : '_[_]';
      const index = this.expression();
      this.expect(']');
      expr = { kind: 'call', name, args: [expr, index], at: bracket.at };
    }
  }

  private fieldName(): Token {
    const token = this.peek();
    const isName = token.kind === 'quoted' || (token.kind === 'ident' && !/^(?:in|true|false|null)$/.test(token.text));
    if (!isName) this.unexpected('IDENTIFIER');
    this.next++;
    return token;
  }

  private primary(): Expr {
    const token = this.peek();
    const { at } = token;
    if (token.kind === 'literal') {
      this.next++;
      if (typeof token.value === 'bigint' && token.value > 2n ** 63n - 1n) this.fail(at, 'invalid int literal');
      return { kind: 'literal', value: token.value!, at };
    }
    if (this.accept('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.accept('[')) {
      const elements = this.list(']', () => ({ optional: this.accept('?') !== undefined, value: this.expression() }));
      return { kind: 'list', elements, at };
    }
    if (this.accept('{')) return { kind: 'map', entries: this.list('}', () => this.entry()), at };
    if (token.kind === 'ident' || this.is('.')) return this.named();
    return this.unexpected();
  }

  private entry(): Entry {
    const optional = this.accept('?') !== undefined;
    const key = this.expression();
    this.expect(':');
    return { optional, key, value: this.expression() };
  }

  private list<T>(end: string, read: () => T): T[] {
    const items: T[] = [];
    while (!this.is(end)) {
      items.push(read());
      if (!this.accept(',')) break;
    }
    this.expect(end);
    return items;
  }

  /** A constant, a variable, a call, or a message `Name.Name{…}`. */
  private named(): Expr {
    const leading = this.accept('.');
    const token = this.peek();
    if (token.kind !== 'ident' || token.text === 'in') this.unexpected('IDENTIFIER');
    this.next++;
    const { text, at } = token;
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at };
    if (text === 'null') return { kind: 'literal', value: null, at };
    const struct = this.structName(text);
    if (struct) return this.struct(struct, at);
    if (reserved.has(text)) this.fail(at, `reserved identifier: ${text}`);
    const open = this.accept('(');
    if (open)
      return this.call(
        text,
        undefined,
        this.list(')', () => this.expression()),
        open.at,
      );
    return { kind: 'ident', name: text, at: leading?.at ?? at };
  }

  /** The dotted name if a `{` follows it; consumes the name then. */
  private structName(first: string): string | undefined {
    let ahead = this.next;
    let name = first;
    while (this.tokens[ahead]?.text === '.' && this.tokens[ahead + 1]?.kind === 'ident') {
      name += `.${this.tokens[ahead + 1]!.text}`;
      ahead += 2;
    }
    if (this.tokens[ahead]?.kind !== 'symbol' || this.tokens[ahead]?.text !== '{') return undefined;
    this.next = ahead;
    return name;
  }

  private struct(type: string, at: number): Expr {
    this.expect('{');
    const fields = this.list('}', (): FieldInit => {
      const optional = this.accept('?') !== undefined;
      const { text: name, at: nameAt } = this.fieldName();
      this.expect(':');
      return { name, at: nameAt, optional, value: this.expression() };
    });
    return { kind: 'struct', type, fields, at };
  }

  private call(name: string, target: Expr | undefined, args: Expr[], at: number): Expr {
    const macro = expandMacro(name, target, args, at);
    if (macro && 'problem' in macro) this.fail(macro.at, macro.problem);
    if (macro && !('problem' in macro)) return macro;
    // `ip.isCanonical(…)` and the like: functions with a dot in their name.
    return { kind: 'call', name, ...(target && { target }), args, at };
  }
}

function balance(name: string, terms: Expr[], positions: number[]): Expr {
  if (terms.length === 1) return terms[0]!;
  const middle = terms.length >> 1;
  const left = balance(name, terms.slice(0, middle), positions.slice(0, middle - 1));
  const right = balance(name, terms.slice(middle), positions.slice(middle));
  return { kind: 'call', name, args: [left, right], at: positions[middle - 1]! };
}
