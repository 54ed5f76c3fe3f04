import { RE2JS } from 're2js';
import { matchesLinear, regexProblem } from '../../../../apiserver/cel';
import { programSizeBound } from '../../../../apiserver/cel/regex-size';

describe('patterns', () => {
  it.each([
    'abc',
    'a{3}',
    'a{2,5}b{3,}',
    '(ab|cd){10}',
    '((a{3}b){4}c){5}',
    '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*',
    '[]{}]{4}',
    '[[:alpha:]]{7}\\{3}x{2}',
    '(?i:a{100})|b{50}?',
    '(a?){0,30}(a{0,30}){0,30}b',
  ])('%s do not become larger than foreseen', (pattern) => {
    expect(programSizeBound(pattern) + 10).toBeGreaterThanOrEqual(RE2JS.compile(pattern).programSize() / 2);
  });

  it.each([
    ['many repetitions', 'a{1000}'.repeat(1000)],
    ['a long part that is repeated', `(${'ab'.repeat(2000)}){1000}`],
    ['nested repetitions', '((((a{10}){10}){10}b){900}c){10}'],
    ['alternatives', '(a|b|c|d){1000}'.repeat(300)],
    ['length', 'a'.repeat(20_000)],
  ])('that are too large for their %s are refused at once', (_, pattern) => {
    const begun = process.cpuUsage();
    expect(regexProblem(pattern)).toMatch(/^error parsing regexp: /);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(3_000);
  });

  it('that are reasonable are taken', () => {
    const name = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$';
    expect(matchesLinear(name, 'www.example.com')).toBe(true);
    expect(matchesLinear('^.{1,1000}$', 'x'.repeat(1000))).toBe(true);
    expect(regexProblem('^(\\d{1,3}\\.){3}\\d{1,3}$')).toBeUndefined();
    expect(regexProblem('(?<=x)y')).toBe('error parsing regexp: invalid named capture: `(?<=x)y`');
  });
});
