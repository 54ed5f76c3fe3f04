import fc from 'fast-check';
import { Heap } from '../../../scheduler/heap';

interface Item {
  key: string;
  rank: number;
}

describe('Heap', () => {
  it('gives items in order, whatever was pushed, replaced and removed', () => {
    const operation = fc.record({ key: fc.constantFrom(...'abcdefghij'), rank: fc.integer(), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const heap = new Heap<Item>(
          ({ key }) => key,
          (a, b) => a.rank < b.rank,
        );
        const model = new Map<string, number>();
        for (const { key, rank, remove } of operations) {
          if (remove) {
            expect(heap.remove(key)?.rank).toBe(model.get(key));
            model.delete(key);
          } else {
            heap.push({ key, rank });
            model.set(key, rank);
          }
          expect(heap.size).toBe(model.size);
        }
        const out: number[] = [];
        for (let item = heap.pop(); item; item = heap.pop()) out.push(item.rank);
        expect(out).toEqual([...model.values()].sort((a, b) => a - b));
      }),
    );
  });
});
