import { createRevisionReader } from '../../../../apiserver/storage/revision-reader';

it('shares a read only among callers that came before it started', async () => {
  const pending: ((revision: number) => void)[] = [];
  const reader = createRevisionReader(() => new Promise((resolve) => pending.push(resolve)));
  const first = reader.current();
  const second = reader.current();
  const third = reader.current();
  expect(pending).toHaveLength(1);
  pending[0]!(5);
  expect(await first).toBe(5);
  await Promise.resolve();
  expect(pending).toHaveLength(2);
  const fourth = reader.current();
  pending[1]!(7);
  expect(await Promise.all([second, third])).toEqual([7, 7]);
  await Promise.resolve();
  pending[2]!(8);
  expect(await fourth).toBe(8);
});

it('survives a failed read', async () => {
  let calls = 0;
  const reader = createRevisionReader(() => (calls++ ? Promise.resolve(3) : Promise.reject(new Error('away'))));
  const first = reader.current();
  const second = reader.current();
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe(3);
});
