import { decodeWatch, splitLines } from '../../../client/watch-decoder';

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe('splitLines', () => {
  it.each([1, 2, 3, 7, 100])('finds the same lines in pieces of %d bytes', async (size) => {
    const lines = await collect(splitLines(chunksOf('one\n\nzwö\nlast', size)));
    expect(lines.map(String)).toEqual(['one', '', 'zwö']);
  });

  it('is quick with a line of many megabytes', async () => {
    const lines = await collect(splitLines(chunksOf(`${'x'.repeat(20_000_000)}\n`, 16_384)));
    expect(lines.map((line) => line.length)).toEqual([20_000_000]);
  });
});

describe('decodeWatch', () => {
  it('gives events and drops one that was cut off', async () => {
    const stream = '{"type":"ADDED","object":{"a":1}}\n{"type":"DELETED","object":{"a":2}}\n{"type":"ADD';
    expect(await collect(decodeWatch(chunksOf(stream, 10)))).toEqual([
      { type: 'ADDED', object: { a: 1 } },
      { type: 'DELETED', object: { a: 2 } },
    ]);
  });

  it('throws the Status of an ERROR event', async () => {
    const stream = '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n';
    await expect(collect(decodeWatch(chunksOf(stream, 50)))).rejects.toMatchObject({ code: 410, reason: 'Expired' });
  });
});
