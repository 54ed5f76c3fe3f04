import { sharedNext } from '../../../component-base/shared-next';

/** Answers are numbered in the order in which they were fetched. */
function setUp() {
  const pending: { resolve(value: number): void; reject(error: Error): void }[] = [];
  const ask = sharedNext(() => new Promise<number>((resolve, reject) => pending.push({ resolve, reject })));
  return { pending, ask };
}

it('gives who asks meanwhile one answer, fetched after the question', async () => {
  const { pending, ask } = setUp();
  const first = ask();
  const others = [ask(), ask()];
  expect(pending).toHaveLength(1);
  pending[0]?.resolve(1);
  await expect(first).resolves.toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(pending).toHaveLength(2);
  const late = ask();
  pending[1]?.resolve(2);
  await expect(Promise.all(others)).resolves.toEqual([2, 2]);
  await new Promise((resolve) => setImmediate(resolve));
  pending[2]?.resolve(3);
  await expect(late).resolves.toBe(3);
});

it('fetches anew after a failure, which only those see who asked for it', async () => {
  const { pending, ask } = setUp();
  const first = ask();
  const next = ask();
  pending[0]?.reject(new Error('busy'));
  await expect(first).rejects.toThrow('busy');
  await new Promise((resolve) => setImmediate(resolve));
  pending[1]?.resolve(2);
  await expect(next).resolves.toBe(2);
});

it('has nobody wait longer for who asks at the very end of an answer', async () => {
  const { pending, ask } = setUp();
  void ask();
  const next = ask();
  pending[0]?.resolve(1);
  const late: Promise<number>[] = [];
  for (let turn = 0; turn < 5; turn++) {
    await Promise.resolve();
    late.push(ask());
  }
  pending[1]?.resolve(2);
  await expect(next).resolves.toBe(2);
  pending[2]?.resolve(3);
  await expect(Promise.all(late)).resolves.toContain(3);
});
