/**
 * Cron schedules as robfig/cron reads them: five fields, `@daily` and the like, `@every 1h30m`, a leading `TZ=…`. Errors have
 * its words, which clients see.
 */

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

/** Minutes, hours, days of month, months and days of week (Sunday is 0) on which to run. */
export interface CronFields {
  minute: ReadonlySet<number>;
  hour: ReadonlySet<number>;
  dayOfMonth: ReadonlySet<number>;
  month: ReadonlySet<number>;
  dayOfWeek: ReadonlySet<number>;
  /** `*` in both: a day must satisfy both fields; otherwise one of them is enough. */
  anyDayOfMonth: boolean;
  anyDayOfWeek: boolean;
}

export type CronSchedule = { timeZone?: string } & (
  ({ kind: 'cron' } & CronFields) | { kind: 'every'; everyMs: number }
);

interface Bounds {
  min: number;
  max: number;
  names?: ReadonlyMap<string, number>;
}

const numbered = (names: string, first: number): ReadonlyMap<string, number> =>
  new Map(names.split(' ').map((name, index) => [name, index + first]));

const minutes: Bounds = { min: 0, max: 59 };
const hours: Bounds = { min: 0, max: 23 };
const daysOfMonth: Bounds = { min: 1, max: 31 };
const months: Bounds = { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) };
const daysOfWeek: Bounds = { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) };

const descriptors: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const quote = (text: string): string => JSON.stringify(text);

function parseNumber(text: string, names: Bounds['names'], expression: string): number {
  const named = names?.get(text.toLowerCase());
  if (named !== undefined) return named;
  if (!/^[+-]?\d+$/.test(text)) {
    throw new ScheduleError(
      `failed to parse int from ${expression}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${expression}`);
  return value;
}

/** One part of a field: `*`, `5`, `1-5`, `N/step`, … `any` is true of an unrestricted star. */
function parseRange(expression: string, { min, max, names }: Bounds): { values: number[]; any: boolean } {
  const [range = '', stepText, ...moreSteps] = expression.split('/');
  const [low = '', high, ...moreHyphens] = range.split('-');
  const star = low === '*' || low === '?';
  let start = min;
  let end = max;
  if (!star) {
    start = parseNumber(low, names, expression);
    if (moreHyphens.length) throw new ScheduleError(`too many hyphens: ${expression}`);
    end = high === undefined ? start : parseNumber(high, names, expression);
  }
  if (moreSteps.length) throw new ScheduleError(`too many slashes: ${expression}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText, undefined, expression);
  // "N/step" means "N-max/step".
  if (stepText !== undefined && high === undefined) end = max;
  const complain = (text: string) => new ScheduleError(`${text}: ${expression}`);
  if (start < min) throw complain(`beginning of range (${start}) below minimum (${min})`);
  if (end > max) throw complain(`end of range (${end}) above maximum (${max})`);
  if (start > end) throw complain(`beginning of range (${start}) beyond end of range (${end})`);
  if (step === 0) throw complain('step of range should be a positive number');
  const values: number[] = [];
  for (let value = start; value <= end; value += step) values.push(value);
  return { values, any: star && step === 1 };
}

function parseField(text: string, bounds: Bounds): { values: ReadonlySet<number>; any: boolean } {
  const ranges = text
    .split(',')
    .filter(Boolean)
    .map((part) => parseRange(part, bounds));
  return { values: new Set(ranges.flatMap(({ values }) => values)), any: ranges.some(({ any }) => any) };
}

const unitsMs: ReadonlyMap<string, number> = new Map(
  Object.entries({ ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }),
);

/** A Go duration: `1h30m`. */
function parseDuration(text: string, descriptor: string): number {
  const fail = (reason: string) =>
    new ScheduleError(`failed to parse duration ${descriptor}: time: ${reason} ${quote(text)}`);
  const [, sign, body = ''] = /^([+-]?)(.*)$/s.exec(text)!;
  if (body === '0') return 0;
  if (body === '') throw fail('invalid duration');
  let ms = 0;
  for (let rest = body; rest !== '';) {
    const match = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!match) throw fail('invalid duration');
    const [all, amount, unit = ''] = match;
    if (!unit) throw fail('missing unit in duration');
    const unitMs = unitsMs.get(unit);
    if (unitMs === undefined) throw fail(`unknown unit ${quote(unit)} in duration`);
    ms += Number(amount) * unitMs;
    rest = rest.slice(all.length);
  }
  return sign === '-' ? -ms : ms;
}

function parseEvery(descriptor: string): number {
  const ms = parseDuration(descriptor.slice('@every '.length), descriptor);
  // Never more often than once a second, in whole seconds.
  return Math.max(1000, ms - (ms % 1000));
}

/** Throws ScheduleError. `timeZone` is that of a `TZ=` prefix, unchecked. */
export function parseSchedule(text: string): CronSchedule {
  const zone = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(text);
  if (zone) return { ...parseSchedule(zone[2]!.trim()), timeZone: zone[1]! };
  if (/^(CRON_)?TZ=/.test(text)) throw new ScheduleError(`invalid cron schedule format: ${text}`);
  if (text.startsWith('@every ')) return { kind: 'every', everyMs: parseEvery(text) };
  const spec = text.startsWith('@') ? descriptors[text] : text;
  if (spec === undefined) throw new ScheduleError(`unrecognized descriptor: ${text}`);
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== 5) {
    throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = [minutes, hours, daysOfMonth, months, daysOfWeek].map(
    (bounds, index) => parseField(fields[index]!, bounds),
  ) as [Parsed, Parsed, Parsed, Parsed, Parsed];
  return {
    kind: 'cron',
    minute: minute.values,
    hour: hour.values,
    dayOfMonth: dayOfMonth.values,
    month: month.values,
    dayOfWeek: dayOfWeek.values,
    anyDayOfMonth: dayOfMonth.any,
    anyDayOfWeek: dayOfWeek.any,
  };
}

type Parsed = ReturnType<typeof parseField>;
