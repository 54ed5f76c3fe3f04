/** Why text is no JSON, in the words of Go's decoder, which other programs and users know. */

/** What V8 says at a position, and what Go says of the character there. */
const wordings: [v8: RegExp, go: string][] = [
  [/^Expected (property name|double-quoted property name)/, 'looking for beginning of object key string'],
  [/^Expected ':'/, 'after object key'],
  [/^Expected ',' or '}'/, 'after object key:value pair'],
  [/^Expected ',' or ']'/, 'after array element'],
  [/^Unexpected non-whitespace character after JSON/, 'after top-level value'],
  [/^Bad control character/, 'in string literal'],
  [/^Bad escaped character/, 'in string escape code'],
  [/^Bad Unicode escape/, String.raw`in \u hexadecimal character escape`],
  [/number|exponent/i, 'in numeric literal'],
];

/** `error` is what `JSON.parse(text)` threw. V8's own words, where they do not tell enough. */
export function jsonErrorMessage(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? -1);
  const isCutOff = /^(Unexpected end of JSON input|Unterminated)/.test(message) || position >= text.length;
  if (text.trim() === '' || isCutOff) return 'unexpected end of JSON input';
  const found = position < 0 ? /Unexpected token '?(.)'?/u.exec(message)?.[1] : text[position];
  if (found === undefined) return message;
  const [, where = 'looking for beginning of value'] = wordings.find(([v8]) => v8.test(message)) ?? [];
  return `invalid character ${quoted(found)} ${where}`;
}

function quoted(character: string): string {
  const escaped = JSON.stringify(character)
    .slice(1, -1)
    .replace(/^\\u00/, String.raw`\x`)
    .replace(/^\\"$/, '"');
  return character === "'" ? String.raw`'\''` : `'${escaped}'`;
}
