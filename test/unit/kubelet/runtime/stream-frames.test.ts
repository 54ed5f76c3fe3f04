import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { demultiplex, FrameParser } from '../../../../kubelet/runtime/stream-frames';

const frame = (stream: number, payload: string): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([head, Buffer.from(payload)]);
};

describe('FrameParser', () => {
  it('finds frames whatever the chunks', () => {
    const bytes = Buffer.concat([frame(1, 'out'), frame(2, ''), frame(2, 'err')]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const parser = new FrameParser();
      const found = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...parser.push(bytes.subarray(at, at + size)));
      expect(found.map(({ stream, payload }) => `${stream}:${payload.toString()}`)).toEqual([
        'stdout:out',
        'stderr:',
        'stderr:err',
      ]);
    }
  });
});

it('splits a stream and ends both parts', async () => {
  const source = new PassThrough();
  const { stdout, stderr } = demultiplex(source);
  source.end(Buffer.concat([frame(1, 'a'), frame(2, 'b'), frame(1, 'c')]));
  expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['ac', 'b']);
});
