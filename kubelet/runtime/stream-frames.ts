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
      const waits: Promise<void>[] = [];
      for (const { stream, payload } of parser.push(chunk)) {
        const target = stream === 'stderr' ? stderr : stdout;
        if (!target.destroyed && !target.write(payload)) waits.push(drained(target));
      }
      Promise.all(waits).then(() => done(), done);
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

function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
  });
}
