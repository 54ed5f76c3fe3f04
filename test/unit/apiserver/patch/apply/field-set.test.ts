import * as fc from 'fast-check';
import {
  difference,
  type FieldSet,
  forEachPath,
  hasPath,
  intersection,
  isEmpty,
  recursiveDifference,
  sameSet,
  setOf,
  union,
} from '../../../../../apiserver/patch/apply/field-set';

/** Paths over few elements, so that sets meet. */
const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1'), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

const build = (all: string[][]): FieldSet => all.map(setOf).reduce(union, {});
const model = (all: string[][]): Set<string> => new Set(all.map((one) => one.join('|')));

function members(set: FieldSet): Set<string> {
  const found: string[] = [];
  forEachPath(set, (one) => found.push(one.join('|')));
  expect(new Set(found).size).toBe(found.length);
  return new Set(found);
}

const filter = (set: Set<string>, keep: (member: string) => boolean): Set<string> => new Set([...set].filter(keep));

describe('field sets', () => {
  it('do what sets of paths do', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b, inA, inB] = [build(left), build(right), model(left), model(right)];
        expect(members(a)).toEqual(inA);
        expect(members(union(a, b))).toEqual(new Set([...inA, ...inB]));
        expect(members(difference(a, b))).toEqual(filter(inA, (member) => !inB.has(member)));
        expect(members(intersection(a, b))).toEqual(filter(inA, (member) => inB.has(member)));
        const below = (member: string): boolean =>
          [...inB].some((other) => member === other || member.startsWith(`${other}|`));
        expect(members(recursiveDifference(a, b))).toEqual(filter(inA, (member) => !below(member)));
        for (const one of left) expect(hasPath(a, one)).toBe(true);
        expect(isEmpty(a)).toBe(inA.size === 0);
      }),
    );
  });

  it('stay the same object when nothing changes', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [build(left), build(right)];
        const both = union(a, b);
        expect(union(both, b)).toBe(both);
        expect(difference(difference(a, b), b)).toEqual(difference(a, b));
        expect(sameSet(union(a, b), union(b, a))).toBe(true);
        expect(intersection(both, a)).toEqual(a);
      }),
    );
  });

  it('are never changed by operations', () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [build(left), build(right)];
        const before = JSON.stringify([a, b]);
        [union, difference, intersection, recursiveDifference].forEach((operation) => operation(a, b));
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });

  it('mark a member with members below it', () => {
    const set = union(setOf(['f:labels']), setOf(['f:labels', 'f:app']));
    expect(set).toEqual({ 'f:labels': { '.': {}, 'f:app': {} } });
    expect(difference(set, setOf(['f:labels', 'f:app']))).toEqual({ 'f:labels': {} });
    expect(difference(set, setOf(['f:labels']))).toEqual({ 'f:labels': { 'f:app': {} } });
  });
});
