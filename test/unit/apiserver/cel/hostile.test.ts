import * as fc from 'fast-check';
import {
  CelCompileError,
  CelRuntimeError,
  compileCel,
  CostExceeded,
  createCostBudget,
  matchesLinear,
  types,
} from '../../../../apiserver/cel';

const variables = { list: types.list(types.int), text: types.string, object: types.dyn };
const list = Array.from({ length: 20_000 }, (_, i) => i);
const text = 'a'.repeat(200_000);
const deep = JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`) as unknown;

/** Milliseconds of processor time that an evaluation takes, whether it fails as it may or succeeds: others may keep the machine busy. */
function timed(run: () => unknown): number {
  const start = process.cpuUsage();
  try {
    run();
  } catch (error) {
    const expected = [CelCompileError, CelRuntimeError, CostExceeded].some((type) => error instanceof type);
    if (!expected) throw error;
  }
  return process.cpuUsage(start).user / 1000;
}

/** No measure of speed, which depends on the machine: what is not bounded takes minutes. */
const hangMs = 20_000;

describe('hostile expressions', () => {
  it.each([
    ['nested loops', 'list.all(a, list.all(b, list.all(c, a + b + c >= 0)))'],
    ['loops that fail in every turn', 'list.exists(a, list.exists(b, 1 / 0 == a))'],
    ['loops over loops', 'list.map(a, list.map(b, list)).size() > 0'],
    ['growing text', `${'text + '.repeat(200)}text == ""`],
    ['growing text in loops', 'list.map(a, text + text).size() > 0'],
    ['growing lists', `[list].map(a, [${'list, '.repeat(100)}list].map(b, b + b + b + b)).size() > 0`],
    ['text compared in loops', 'list.all(a, text == text + "")'],
    ['objects compared in loops', 'list.all(a, object == object)'],
    ['membership in loops', 'list.all(a, (a + 20000) in list || true)'],
    ['sets', 'list.all(a, sets.contains(list, list))'],
    ['sizes of text in loops', 'list.all(a, list.all(b, text.size() > 0))'],
    ['replacements that multiply', 'text.replace("a", text).replace("a", text).size() > 0'],
    ['splits in loops', 'list.all(a, text.split("").size() > 0)'],
    ['formats that multiply', 'list.all(a, "%s%s%s%s".format([text, text, text, text]) != "")'],
    ['formats of lists', 'list.all(a, "%s".format([list]) != "")'],
    ['joins', 'list.map(a, text).join(",").size() > 0'],
    ['patterns that backtrack', 'text.matches("^(a+)+$b")'],
    ['patterns of many steps', 'text.matches("(a?){0,30}(a{0,30}){0,30}b")'],
    ['patterns in loops', 'list.all(a, text.matches("(a|aa)+c") || true)'],
    ['found in loops', 'list.all(a, text.findAll("a").size() > 0)'],
    ['sorted in loops', 'list.all(a, list.isSorted() && list.sum() > 0)'],
    ['zones in loops', 'list.all(a, timestamp("2024-01-01T00:00:00Z").getHours("Europe/Berlin") >= 0)'],
    ['quantities in loops', 'list.all(a, quantity("9999999999999999999E").isInteger() || true)'],
    ['huge numbers as text', `int("${'9'.repeat(50_000)}") > 0`],
    ['maps that grow', 'list.transformMap(i, v, list.transformMap(j, w, w)).size() > 0'],
  ])('%s end soon', (_, source) => {
    const program = compileCel(source, { variables });
    expect(timed(() => program.evaluate({ list, text, object: deep }, createCostBudget()))).toBeLessThan(hangMs);
  });

  it.each([
    ['parentheses', `${'('.repeat(5000)}1${')'.repeat(5000)}`],
    ['negations', `${'!'.repeat(50_000)}true`],
    ['mixed signs', `${'-!'.repeat(5000)}true`],
    ['lists', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['members', `object${'.a'.repeat(5000)}`],
    ['indexes', `object${'[0]'.repeat(5000)}`],
    ['sums', `1${' + 1'.repeat(5000)}`],
    ['disjunctions', `true${' || true'.repeat(5000)}`],
    ['conditionals', `${'true ? 1 : '.repeat(5000)}1`],
    ['nested macros', `${'[1].all(x, '.repeat(500)}true${')'.repeat(500)}`],
    ['text', `"${'x'.repeat(90_000)}"`],
    ['more than the limit', ' '.repeat(100_001)],
  ])('%s of great depth or length do not break the parser', (_, source) => {
    expect(timed(() => compileCel(source, { variables }).evaluate({ object: {} }, createCostBudget()))).toBeLessThan(
      hangMs,
    );
  });

  it('keeps prototypes out of reach', () => {
    const evaluate = (source: string): unknown =>
      compileCel(source, { variables }).evaluateJson({ object: {} }, createCostBudget());
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(evaluate(`has(object.${name})`)).toBe(false);
      expect(() => evaluate(`object.${name}`)).toThrow(`no such key: ${name}`);
      expect(() => compileCel(`${name}(1)`, { variables })).toThrow('undeclared reference');
      expect(() => compileCel(name, { variables })).toThrow('undeclared reference');
    }
    const built = evaluate('{"__proto__": {"polluted": true}}') as object;
    expect(Object.keys(built)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('tells which limit was exceeded', () => {
    const source = 'list.all(a, list.all(b, a + b >= 0))';
    const program = compileCel(source, { variables });
    const run = (limit?: number) => (): unknown => program.evaluate({ list }, createCostBudget(limit));
    expect(run()).toThrow(expect.objectContaining({ scope: 'expression' }));
    expect(run(1000)).toThrow(expect.objectContaining({ scope: 'budget' }));
    expect(run()).toThrow('operation cancelled: actual cost limit exceeded');
  });

  it('never throws anything but its own errors, whatever the source', () => {
    const words = [
      'object',
      '.',
      '?',
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      '"a"',
      '1',
      '1u',
      '2.5',
      '+',
      '-',
      '!',
      '&&',
      '||',
      ',',
      ':',
      'in',
      'all',
      'map',
      'has',
      'x',
      '==',
      '<',
      'null',
      'true',
      'optional.of',
      'size',
      'matches',
      '`a-b`',
      "b'x'",
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 25 }), (parts) => {
        expect(
          timed(() =>
            compileCel(parts.join(''), { variables }).evaluateJson(
              { object: { a: 1 }, list: [1], text: 'a' },
              createCostBudget(10_000),
            ),
          ),
        ).toBeLessThan(hangMs);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['(a+)+$', `${'a'.repeat(50_000)}!`],
    ['(a|a)*$', `${'a'.repeat(50_000)}!`],
    ['(.*)*x', 'a'.repeat(50_000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
  ])('matches %s in linear time', (pattern, subject) => {
    expect(timed(() => matchesLinear(pattern, subject))).toBeLessThan(hangMs);
  });
});
