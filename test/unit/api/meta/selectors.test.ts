import * as fc from 'fast-check';
import {
  everything,
  nothing,
  parseFieldSelector,
  parseSelector,
  selectorFromLabelSelector,
  selectorFromMap,
} from '../../../../api/meta/selectors';
import { StatusError } from '../../../../api/meta/status-error';

const label63 =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

describe('parseSelector', () => {
  it.each([
    ['', { a: '1' }, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'db' }, false],
    ['app!=web', {}, true],
    ['app!=web', { app: 'web' }, false],
    ['app in (web, db)', { app: 'db' }, true],
    ['app in (web,)', { app: '' }, true],
    ['app notin (web,db)', { tier: 'x' }, true],
    ['app notin (web,db)', { app: 'db' }, false],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['!app,tier=x', { tier: 'x' }, true],
    ['app=', { app: '' }, true],
    ['n>5', { n: '6' }, true],
    ['n>5', { n: '5' }, false],
    ['n<5', { n: 'x' }, false],
    ['n<5', {}, false],
    ['in in (in)', { in: 'in' }, true],
    ['toString', {}, false],
    ['example.com/role=a', { 'example.com/role': 'a' }, true],
  ])('%j on %j: %s', (text, labels, expected) => {
    expect(parseSelector(text).matches(labels as Record<string, string>)).toBe(expected);
  });

  it.each([
    ['app=web,!x,env in (b,a)', 'app=web,env in (a,b),!x'],
    ['z notin (1),a!=2,n>3', 'a!=2,n>3,z notin (1)'],
  ])('prints %j sorted by key', (text, printed) => {
    expect(parseSelector(text).toString()).toBe(printed);
  });

  it.each([
    ['a,', "found '', expected: identifier after ','"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    [
      'a in ()',
      "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
    ],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    [
      'n>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['a=-b', `unable to parse requirement: values[0][a]: Invalid value: "-b": ${label63}`],
    [
      '-a=b',
      `unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ])('refuses %j as upstream words it', (text, message) => {
    expect(() => parseSelector(text)).toThrow(new StatusError(400, 'BadRequest', message));
  });
});

describe('selectorFromLabelSelector', () => {
  it('matches nothing when undefined and everything when empty', () => {
    expect(selectorFromLabelSelector(undefined)).toBe(nothing);
    expect(selectorFromLabelSelector(undefined).matches({})).toBe(false);
    expect(selectorFromLabelSelector({}).isEmpty).toBe(true);
    expect(everything.matches({})).toBe(true);
    expect(selectorFromMap({ a: '1' }).matches({ a: '1', b: '2' })).toBe(true);
  });

  it('combines labels and expressions', () => {
    const selector = selectorFromLabelSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['a'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    });
    expect(selector.toString()).toBe('app=web,!old,tier in (a)');
    expect(selector.matches({ app: 'web', tier: 'a' })).toBe(true);
    expect(selector.matches({ app: 'web', tier: 'a', old: '' })).toBe(false);
  });

  it('refuses unknown operators', () => {
    expect(() => selectorFromLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toThrow(
      '"Near" is not a valid label selector operator',
    );
  });
});

describe('parseFieldSelector', () => {
  const object: Record<string, string> = { 'metadata.name': 'web', 'status.phase': 'Running', odd: 'a,b=c' };
  const get = (field: string): string => object[field] ?? '';

  it.each([
    ['', true],
    ['metadata.name=web', true],
    ['metadata.name==web,status.phase!=Running', false],
    ['status.phase!=Failed', true],
    ['missing=', true],
    ['odd=a\\,b\\=c', true],
  ])('%j: %s', (text, expected) => {
    expect(parseFieldSelector(text).matches(get)).toBe(expected);
    expect(parseFieldSelector(parseFieldSelector(text).toString()).matches(get)).toBe(expected);
  });

  it.each([
    ['web', "invalid selector: 'web'; can't understand 'web'"],
    ['a=b\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ])('refuses %j', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(message);
  });
});

/** The plain model: what each operator means, written down once more. */
describe('selectors against a plain model', () => {
  const key = fc.constantFrom('app', 'tier', 'n', 'constructor', 'in');
  const value = fc.constantFrom('', 'web', 'db', '5', '6', 'in', 'notin');
  const labels = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true });
  // The empty value alone would be `()`, which upstream refuses as no value.
  const values = fc
    .uniqueArray(value as fc.Arbitrary<string>, { minLength: 1, maxLength: 3 })
    .filter((list) => list.join() !== '');
  const has = (given: Record<string, string>, name: string): boolean => Object.hasOwn(given, name);
  type Requirement = { text: string; holds(given: Record<string, string>): boolean };
  const requirement = fc.oneof<fc.Arbitrary<Requirement>[]>(
    fc.tuple(key, value, fc.constantFrom('=', '==')).map(([name, wanted, sign]) => ({
      text: `${name}${sign}${wanted}`,
      holds: (given) => has(given, name) && given[name] === wanted,
    })),
    fc.tuple(key, value).map(([name, unwanted]) => ({
      text: `${name}!=${unwanted}`,
      holds: (given) => !has(given, name) || given[name] !== unwanted,
    })),
    fc.tuple(key, values, fc.constantFrom(' ', '  ')).map(([name, wanted, space]) => ({
      text: `${name} in${space}(${wanted.join(`,${space}`)})`,
      holds: (given) => has(given, name) && wanted.includes(given[name]!),
    })),
    fc.tuple(key, values).map(([name, unwanted]) => ({
      text: `${name} notin (${unwanted.join()})`,
      holds: (given) => !has(given, name) || !unwanted.includes(given[name]!),
    })),
    key.map((name) => ({ text: name, holds: (given) => has(given, name) })),
    key.map((name) => ({ text: `!${name}`, holds: (given) => !has(given, name) })),
    fc.tuple(key, fc.nat(9), fc.constantFrom('<', '>')).map(([name, bound, sign]) => ({
      text: `${name}${sign}${bound}`,
      holds: (given) =>
        has(given, name) &&
        /^\d+$/.test(given[name]!) &&
        (sign === '<' ? Number(given[name]) < bound : Number(given[name]) > bound),
    })),
  );
  const requirements = fc.array(requirement, { minLength: 1, maxLength: 4 });

  it('match what the model matches, also after being printed', () => {
    fc.assert(
      fc.property(requirements, labels, (all, given) => {
        const selector = parseSelector(all.map(({ text }) => text).join());
        const expected = all.every(({ holds }) => holds(given));
        expect(selector.matches(given)).toBe(expected);
        expect(parseSelector(selector.toString()).matches(given)).toBe(expected);
      }),
    );
  });

  it('are parsed or refused with a Status, whatever the text', () => {
    const pieces = fc.constantFrom(
      'a',
      'in',
      'notin',
      '(',
      ')',
      ',',
      '!',
      '=',
      '==',
      '!=',
      '<',
      '>',
      ' ',
      '\0',
      '/',
      '"',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        let error: unknown;
        try {
          parseSelector(parts.join(''));
        } catch (thrown) {
          error = thrown;
        }
        expect(error === undefined || error instanceof StatusError).toBe(true);
      }),
    );
  });
});
