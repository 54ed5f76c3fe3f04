/**
 * Command line flags as upstream's components take them (pflag): `--name=value`, `--name value`, bare booleans, repeated
 * lists. Declared as data, so that `--help` and the typed values come from one place.
 */

export type FlagType = 'string' | 'int' | 'bool' | 'duration' | 'list';

/** One flag. A duration's default is written as Go writes it (`'15s'`) and comes out in milliseconds. */
export type FlagSpec =
  | { type: 'string'; default?: string; help: string }
  | { type: 'int'; default?: number; help: string }
  | { type: 'bool'; default?: boolean; help: string }
  | { type: 'duration'; default?: string; help: string }
  | { type: 'list'; default?: readonly string[]; help: string };

/** Flags by their name on the command line, without dashes in front. */
export type FlagSpecs = Record<string, FlagSpec>;

type CamelCase<S> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

interface FlagValue {
  string: string;
  int: number;
  bool: boolean;
  duration: number;
  list: string[];
}

/** What parsing gives: camelCased names, zero values where there is no default, and klog's `v`. */
export type FlagValues<F extends FlagSpecs> = {
  [K in keyof F as CamelCase<K> & string]: FlagValue[F[K]['type']];
} & { v: number };

/** A command line that cannot be used; `message` is pflag's. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/** Thrown for `--help`; `message` is the usage text. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested';
}

/** Keeps the literal types of the declaration. */
export const defineFlags = <const F extends FlagSpecs>(specs: F): F => specs;

const verbosity: FlagSpec = { type: 'int', default: 0, help: 'number for the log level verbosity' };

/**
 * Reads `argv` (without the program's name). Underscores in names count as dashes, as upstream normalizes them.
 * Throws FlagError or HelpRequested.
 */
export function parseFlags<F extends FlagSpecs>(specs: F, argv: readonly string[], component = ''): FlagValues<F> {
  const all: FlagSpecs = { ...specs, v: verbosity };
  const values: Record<string, unknown> = {};
  const setLists = new Set<string>();
  for (const [name, spec] of Object.entries(all)) values[name] = defaultOf(spec);

  const args = [...argv];
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === '--help' || arg === '-h') throw new HelpRequested(usage(component, all));
    if (!arg.startsWith('-') || arg === '-' || arg === '--') {
      throw new FlagError(`${component || 'this command'} does not take any arguments, got ${JSON.stringify([arg])}`);
    }
    const equals = arg.indexOf('=');
    const shown = equals < 0 ? arg : arg.slice(0, equals);
    const name = shown.replace(/^--?/, '').replaceAll('_', '-');
    const spec = Object.hasOwn(all, name) && (shown.startsWith('--') || name === 'v') ? all[name] : undefined;
    if (!spec) throw new FlagError(unknownFlag(shown));
    let text = equals < 0 ? undefined : arg.slice(equals + 1);
    if (text === undefined) text = spec.type === 'bool' ? 'true' : args.shift();
    if (text === undefined) throw new FlagError(`flag needs an argument: ${shown}`);
    const value = parseValue(spec, text, shown);
    values[name] = setLists.has(name) ? [...(values[name] as string[]), ...(value as string[])] : value;
    if (spec.type === 'list') setLists.add(name);
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [camelCase(name), value])) as FlagValues<F>;
}

const unknownFlag = (shown: string): string =>
  shown.startsWith('--') ? `unknown flag: ${shown}` : `unknown shorthand flag: '${shown[1] ?? ''}' in ${shown}`;

const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function defaultOf(spec: FlagSpec): unknown {
  if (spec.type === 'string') return spec.default ?? '';
  if (spec.type === 'int') return spec.default ?? 0;
  if (spec.type === 'bool') return spec.default ?? false;
  if (spec.type === 'duration') return parseDuration(spec.default ?? '0s');
  return [...(spec.default ?? [])];
}

function parseValue(spec: FlagSpec, text: string, shown: string): unknown {
  const refuse = (detail: string): never => {
    throw new FlagError(`invalid argument ${JSON.stringify(text)} for ${JSON.stringify(shown)} flag: ${detail}`);
  };
  switch (spec.type) {
    case 'string':
      return text;
    case 'int':
      if (!/^[+-]?\d+$/.test(text)) refuse(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
      return Number(text);
    case 'bool':
      if (/^(1|t|true)$/i.test(text)) return true;
      if (/^(0|f|false)$/i.test(text)) return false;
      return refuse(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    case 'duration': {
      const duration = parseDuration(text);
      return duration ?? refuse(`time: invalid duration ${JSON.stringify(text)}`);
    }
    case 'list':
      return text === '' ? [] : text.split(',');
  }
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration such as `1h30m`, `1.5s` or `0`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+|0)$/.exec(text);
  if (!match) return undefined;
  let total = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return match[1] === '-' ? -total : total;
}

function usage(component: string, specs: FlagSpecs): string {
  const shownTypes: Record<FlagType, string> = {
    string: 'string',
    int: 'int',
    bool: '',
    duration: 'duration',
    list: 'strings',
  };
  const rows = Object.entries(specs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => {
      const left = `${name === 'v' ? '  -v, --v' : `      --${name}`} ${shownTypes[spec.type]}`.trimEnd();
      return { left, right: spec.help + formatDefault(spec) };
    });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 3;
  return [
    `Usage:`,
    `  ${component} [flags]`,
    '',
    'Flags:',
    ...rows.map((r) => r.left.padEnd(width) + r.right),
    '',
  ].join('\n');
}

function formatDefault(spec: FlagSpec): string {
  const value = spec.default;
  if (value === undefined || value === '' || value === false || value === 0) return '';
  if (Array.isArray(value)) return value.length ? ` (default [${value.join(',')}])` : '';
  return spec.type === 'string' ? ` (default ${JSON.stringify(value)})` : ` (default ${String(value)})`;
}
