/** `$(VAR)` in commands, arguments and environment values: upstream's third_party/forked/golang/expansion. */

/** `$$` is a plain `$`; a variable that is not defined stays as it is written. */
export function expand(input: string, lookup: (name: string) => string | undefined): string {
  let output = '';
  for (let i = 0; i < input.length; i += 1) {
    if (input[i] !== '$' || i + 1 >= input.length) {
      output += input[i];
      continue;
    }
    if (input[i + 1] === '$') {
      output += '$';
      i += 1;
    } else if (input[i + 1] === '(') {
      const end = input.indexOf(')', i + 2);
      if (end < 0) {
        output += '$(';
        i += 1;
      } else {
        const name = input.slice(i + 2, end);
        output += lookup(name) ?? `$(${name})`;
        i = end;
      }
    } else {
      output += '$';
      output += input[i + 1];
      i += 1;
    }
  }
  return output;
}
