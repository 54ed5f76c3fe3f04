import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { Heap } from '../../../scheduler/heap';

interface Item {
  key: string;
  rank: number;
}

describe('Heap', () => {
  it('gives items in order, whatever was pushed, replaced and removed', () => {
    const operation = record({ key: constantFrom(...'abcdefghij'), rank: integer(), remove: boolean() });
    assert(
      property(array(operation, { maxLength: 60 }), (operations) => {
        const heap = new Heap<Item>(
          ({ key }) => key,
          (a, b) => a.rank < b.rank,
        );
        const model = new Map<string, number>();
        for (const { key, rank, remove } of operations) {
          const expected = model.get(key);
          const removed = remove ? heap.remove(key)?.rank : expected;
          if (remove) model.delete(key);
          else {
            heap.push({ key, rank });
            model.set(key, rank);
          }
          expect([removed, heap.size]).toEqual([expected, model.size]);
        }
        const out: number[] = [];
        for (let item = heap.pop(); item; item = heap.pop()) out.push(item.rank);
        expect(out).toEqual([...model.values()].sort((a, b) => a - b));
      }),
    );
  });
});
