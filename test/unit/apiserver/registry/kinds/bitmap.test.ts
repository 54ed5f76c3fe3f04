import { assert as check, nat, property, uniqueArray } from 'fast-check';
import { Bitmap } from '../../../../../apiserver/registry/kinds/bitmap';

describe('bitmap', () => {
  it('is a set that survives its encoding', () => {
    check(
      property(uniqueArray(nat(99)), (values) => {
        const bitmap = Bitmap.empty(100);
        for (const value of values) bitmap.add(value);
        const copy = Bitmap.decode(100, bitmap.encode());
        expect([...copy.values()]).toEqual([...values].sort((a, b) => a - b));
        for (const value of values) copy.delete(value);
        expect([...copy.values()]).toEqual([]);
      }),
    );
  });

  it('chooses above the static band while it can, then below, then nothing', () => {
    const bitmap = Bitmap.empty(10);
    const chosen: number[] = [];
    for (let next; (next = bitmap.findFree(4, () => 0.5)) !== undefined;) {
      chosen.push(next);
      bitmap.add(next);
    }
    expect(chosen).toEqual([7, 8, 9, 4, 5, 6, 2, 3, 0, 1]);
  });
});
