/** Names of properties as expressions spell them. Upstream: apiserver `pkg/cel/escaping.go`. */

const keywords: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return void var while'.split(
    ' ',
  ),
);

const replacements: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** Undefined for names that no expression can spell. */
export function celNameOf(name: string): string | undefined {
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  if (keywords.has(name)) return `__${name}__`;
  return name.replace(/__|[./-]/g, (found) => replacements[found]!);
}
