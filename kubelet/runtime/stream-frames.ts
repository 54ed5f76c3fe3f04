/**
 * The engine's multiplexed streams: frames of an 8-byte header (stream, 0, 0, 0, big-endian length) and a payload, used by
 * exec, attach and logs when there is no TTY. Framing is kept out of `docker.ts` so that it is tested from bytes.
 */
import { PassThrough, Writable, type Readable } from 'node:stream';

export type StreamName = 'stdout' | 'stderr';

/** Cuts a byte stream into frames, whatever the chunks. */
export class FrameParser {
  private pending: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): { stream: StreamName; payload: Buffer }[] {
    this.pending = this.pending.length ? Buffer.concat([this.pending, chunk]) : chunk;
    const frames: { stream: StreamName; payload: Buffer }[] = [];
    while (this.pending.length >= 8) {
      const length = this.pending.readUInt32BE(4);
      if (this.pending.length < 8 + length) break;
      const stream = this.pending[0] === 2 ? 'stderr' : 'stdout';
      frames.push({ stream, payload: this.pending.subarray(8, 8 + length) });
      this.pending = this.pending.subarray(8 + length);
    }
    return frames;
  }
}

/** Splits a multiplexed stream in two, with back-pressure: a slow reader of either stops the source. */
export function demultiplex(source: Readable): { stdout: PassThrough; stderr: PassThrough } {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const parser = new FrameParser();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const full = new Set<PassThrough>();
      for (const { stream, payload } of parser.push(chunk)) {
        const target = stream === 'stderr' ? stderr : stdout;
        if (!target.destroyed && !target.write(payload)) full.add(target);
      }
      whenDrained([...full], done);
    },
  });
  const finish = (): void => {
    stdout.end();
    stderr.end();
  };
  sink.once('finish', finish);
  source.once('error', finish);
  source.once('close', () => sink.end());
  source.pipe(sink);
  return { stdout, stderr };
}

/** Calls back once every stream took what it was given, or is gone. */
function whenDrained(streams: PassThrough[], callback: () => void): void {
  const [first, ...rest] = streams;
  if (!first) return callback();
  const next = (): void => {
    first.off('drain', next);
    first.off('close', next);
    whenDrained(rest, callback);
  };
  if (!first.writableNeedDrain || first.destroyed) return whenDrained(rest, callback);
  first.once('drain', next);
  first.once('close', next);
}
