/** Splits an expression into tokens, with the escapes of CEL's string and bytes literals. */
import { CelCompileError } from './errors';
import { CelUint, type CelValue } from './values';

export interface Token {
  kind: 'ident' | 'quoted' | 'literal' | 'symbol' | 'end';
  text: string;
  value?: CelValue;
  at: number;
}

const symbols = /(?:&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}=])/y;
const space = /(?:[\s]+|\/\/[^\n]*)+/y;
const ident = /[A-Za-z_][A-Za-z0-9_]*/y;
const quotedIdent = /`([A-Za-z0-9_.\-/ ]+)`/y;
const number = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const stringStart = /([rRbB]{0,2})("""|'''|"|')/y;

const maxUint = 2n ** 64n - 1n;
const maxInt = 2n ** 63n - 1n;

/** Throws CelCompileError. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  for (;;) {
    at += take(space)?.[0].length ?? 0;
    if (at >= source.length) break;
    const opening = take(stringStart);
    if (opening && !/rr|bb/i.test(opening[1]!)) {
      const token = readString(source, at, opening);
      tokens.push(token.token);
      at = token.end;
      continue;
    }
    const found = take(number) ?? take(ident) ?? take(quotedIdent) ?? take(symbols);
    if (!found) {
      const [shown] = source.slice(at);
      throw new CelCompileError(source, [
        { offset: at, message: `Syntax error: token recognition error at: '${shown}'` },
      ]);
    }
    const [text] = found;
    if (/^(?:\d|\.\d)/.test(text) && !(text.startsWith('.') && tokens.at(-1)?.kind === 'ident')) {
      tokens.push({ kind: 'literal', text, value: numberOf(source, at, text), at });
    } else if (text.startsWith('`')) tokens.push({ kind: 'quoted', text: found[1]!, at });
    else tokens.push({ kind: /^\w/.test(text) ? 'ident' : 'symbol', text, at });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

/** Integers are unsigned here: the parser folds a minus sign, so that the smallest int can be written. */
function numberOf(source: string, at: number, text: string): CelValue {
  if (/[uU]$/.test(text)) {
    const value = BigInt(text.slice(0, -1));
    if (value > maxUint) throw new CelCompileError(source, [{ offset: at, message: 'invalid uint literal' }]);
    return new CelUint(value);
  }
  if (/^0[xX]|^\d+$/.test(text)) {
    const value = BigInt(text);
    if (value > maxInt + 1n) throw new CelCompileError(source, [{ offset: at, message: 'invalid int literal' }]);
    return value;
  }
  return Number(text);
}

function readString(source: string, start: number, [opening, prefix = '', quote = '']: RegExpExecArray) {
  const raw = /r/i.test(prefix);
  const bytes = /b/i.test(prefix);
  const fail = (offset: number, message: string): never => {
    throw new CelCompileError(source, [{ offset, message: `Syntax error: ${message}` }]);
  };
  const out: number[] = [];
  const push = (codePoint: number): void => {
    if (bytes) out.push(...Buffer.from(String.fromCodePoint(codePoint)));
    else out.push(codePoint);
  };
  let at = start + opening.length;
  for (;;) {
    if (at >= source.length || (quote.length === 1 && source[at] === '\n')) {
      fail(start, `token recognition error at: '${source.slice(start, start + 20)}'`);
    }
    if (source.startsWith(quote, at)) break;
    if (source[at] === '\\' && !raw) {
      const escape = readEscape(source, at, bytes);
      if (!escape) fail(at, 'invalid escape sequence');
      if (escape!.isByte) out.push(escape!.code);
      else push(escape!.code);
      at = escape!.end;
    } else {
      const codePoint = source.codePointAt(at)!;
      push(codePoint);
      at += codePoint > 0xffff ? 2 : 1;
      // A raw string may not end at an escaped quote.
      if (raw && codePoint === 0x5c && at < source.length && quote.length === 1 && source[at] === quote) {
        push(source.codePointAt(at)!);
        at++;
      }
    }
  }
  const end = at + quote.length;
  const value = bytes ? Uint8Array.from(out) : fromCodePoints(out);
  const token: Token = { kind: 'literal', text: source.slice(start, end), value, at: start };
  return { token, end };
}

function fromCodePoints(codePoints: number[]): string {
  let text = '';
  for (let i = 0; i < codePoints.length; i += 4096) text += String.fromCodePoint(...codePoints.slice(i, i + 4096));
  return text;
}

const simpleEscapes: Record<string, number> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '?': 63,
  '"': 34,
  "'": 39,
  '`': 96,
};

function readEscape(source: string, at: number, bytes: boolean) {
  const letter = source[at + 1] ?? '';
  const simple = simpleEscapes[letter];
  if (simple !== undefined) return { code: simple, end: at + 2, isByte: false };
  const [pattern, skip, base] =
    letter === 'x' || letter === 'X'
      ? ([/[0-9a-fA-F]{2}/y, 2, 16] as const)
      : letter === 'u' && !bytes
        ? ([/[0-9a-fA-F]{4}/y, 2, 16] as const)
        : letter === 'U' && !bytes
          ? ([/[0-9a-fA-F]{8}/y, 2, 16] as const)
          : ([/[0-3][0-7]{2}/y, 1, 8] as const);
  pattern.lastIndex = at + skip;
  const digits = pattern.exec(source)?.[0];
  if (!digits) return undefined;
  const code = parseInt(digits, base);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { code, end: at + skip + digits.length, isByte: bytes && (base === 8 || skip === 2) };
}
