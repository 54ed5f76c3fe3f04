/** Why text is no JSON, in the words of Go's decoder, which other programs and users know. */

/** `error` is what `JSON.parse(text)` threw. V8's own words, where they do not tell enough. */
export function jsonErrorMessage(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (text.trim() === '' || /Unexpected end of JSON input|Unterminated/.test(message))
    return 'unexpected end of JSON input';
  const position = /at position (\d+)/.exec(message)?.[1];
  const found = position === undefined ? /Unexpected token '?(.)'?/.exec(message)?.[1] : text[Number(position)];
  return found === undefined ? message : `invalid character '${found}' looking for beginning of value`;
}
