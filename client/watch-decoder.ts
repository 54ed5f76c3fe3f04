/** Cuts a watch's byte stream into events: one JSON document per line, of any length, however the bytes arrive. */
import { StatusError, type Status } from '../api/meta/status-error';
import type { WatchEvent } from '../api/meta/types';

const newline = 0x0a;

/** Complete lines of a byte stream. What follows the last newline when the stream ends is dropped: it was cut off. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      if (rest.length === 0) {
        yield piece;
        continue;
      }
      // Only new bytes are searched and each byte is copied once, so long lines stay cheap.
      const line = Buffer.concat([...rest, piece]);
      rest = [];
      yield line;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
}

/** Events of a watch. An ERROR event is thrown as the StatusError it carries. */
export async function* decodeWatch<T>(chunks: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent<T>> {
  for await (const line of splitLines(chunks)) {
    if (line.length === 0) continue;
    const event = JSON.parse(line.toString()) as WatchEvent<T>;
    if (event.type === 'ERROR') throw StatusError.from(event.object as Partial<Status>);
    yield event;
  }
}
