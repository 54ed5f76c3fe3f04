import { parseSchedule } from '../../../../../../api/batch/v1/cronjob';

const fields = (text: string): number[][] => {
  const schedule = parseSchedule(text);
  if (schedule.kind !== 'cron') throw new Error('not five fields');
  const { minute, hour, dayOfMonth, month, dayOfWeek } = schedule;
  return [minute, hour, dayOfMonth, month, dayOfWeek].map((values) => [...values].sort((a, b) => a - b));
};

it('reads the five fields', () => {
  const [minute, hour, day, month, weekday] = fields('5,10-12 */8 1 jan,Mar 1-5/2');
  expect(minute).toEqual([5, 10, 11, 12]);
  expect(hour).toEqual([0, 8, 16]);
  expect(day).toEqual([1]);
  expect(month).toEqual([1, 3]);
  expect(weekday).toEqual([1, 3, 5]);
  expect(fields('50/5 ? * * sun')[0]).toEqual([50, 55]);
});

it('knows whether days are free', () => {
  expect(parseSchedule('0 0 * * 1')).toMatchObject({ anyDayOfMonth: true, anyDayOfWeek: false });
  expect(parseSchedule('0 0 */2 * *')).toMatchObject({ anyDayOfMonth: false, anyDayOfWeek: true });
});

it('reads names for schedules, and intervals', () => {
  expect(fields('@weekly')).toEqual(fields('0 0 * * 0'));
  expect(fields('@annually')).toEqual(fields('@yearly'));
  expect(parseSchedule('@every 1h30m')).toEqual({ kind: 'every', everyMs: 5_400_000 });
  expect(parseSchedule('@every 1.5s')).toEqual({ kind: 'every', everyMs: 1_000 });
  expect(parseSchedule('@every 10ms')).toEqual({ kind: 'every', everyMs: 1_000 });
});

it('reads a time zone before the rest', () => {
  expect(parseSchedule('TZ=Europe/Berlin 0 0 * * *')).toMatchObject({ kind: 'cron', timeZone: 'Europe/Berlin' });
  expect(parseSchedule('CRON_TZ=UTC @every 1h')).toEqual({ kind: 'every', everyMs: 3_600_000, timeZone: 'UTC' });
});

it.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['0 0 0 * * *', 'expected exactly 5 fields, found 6: [0 0 0 * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['*/2/3 * * * *', 'too many slashes: */2/3'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['* * * constructor *', 'failed to parse int from constructor: strconv.Atoi: parsing "constructor": invalid syntax'],
  ['@every 1valueOf', 'failed to parse duration @every 1valueOf: time: unknown unit "valueOf" in duration "1valueOf"'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['-1 * * * *', 'failed to parse int from -1: strconv.Atoi: parsing "": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every 5d', 'failed to parse duration @every 5d: time: unknown unit "d" in duration "5d"'],
  ['TZ=UTC', 'invalid cron schedule format: TZ=UTC'],
])('refuses %s', (text, message) => {
  expect(() => parseSchedule(text)).toThrow(message);
});
