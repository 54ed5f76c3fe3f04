/**
 * A container's log as plain bytes. The engine is always asked for timestamps: they order the output, and when the engine
 * restarts in the middle of a follow they tell where to go on. The engine's json-file driver reads across rotated files.
 */
import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../../component-base/clock';
import type { LogRequest } from './runtime';
import { FrameParser } from './stream-frames';

export interface LogSource {
  tty: boolean;
  clock: Clock;
  /** Opens the engine's stream with timestamps. `since` is `seconds.nanoseconds`. */
  open(query: {
    since?: string;
    tail: number | 'all';
    follow: boolean;
    stdout: boolean;
    stderr: boolean;
  }): Promise<Readable>;
  isRunning(): Promise<boolean>;
}

/** `2026-01-02T03:04:05.000000006Z` and the space behind it: the engine's fixed-width form (variable for a TTY). */
const timestamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) /;

/** Opens the log at once, so that a missing container rejects; the rest flows with back-pressure. */
export async function followLogs(request: LogRequest, source: LogSource): Promise<Readable> {
  const { follow = false, stdout = true, stderr = true } = request;
  const output = new PassThrough();
  const query = { follow, stdout, stderr };
  const since =
    request.sinceMs === undefined ? undefined : `${Math.floor(request.sinceMs / 1000)}.${nanos(request.sinceMs)}`;
  let input = await source.open({ ...query, ...(since && { since }), tail: request.tail ?? 'all' });
  const stop = (): void => {
    input.destroy();
    output.end();
  };
  request.signal?.addEventListener('abort', stop, { once: true });
  output.once('close', stop);

  const copy = async (): Promise<void> => {
    let last = '';
    const recent = new RecentEntries();
    for (;;) {
      const clean = await copyEntries(input, source.tty, async (time, text, stream) => {
        // After a reopening the engine repeats from `since` on; in a rotation it repeats what it had just read.
        if (follow && recent.repeats(stream, time, text)) return;
        if (time > last) last = time;
        await write(output, request.timestamps ? Buffer.concat([Buffer.from(`${time} `), text]) : text);
      });
      if (output.destroyed || output.writableEnded || !follow) break;
      // A clean end of a follow means the container ended, unless the engine says that it runs on.
      const running = await source.isRunning().catch(() => true);
      if (clean && !running) break;
      const reopened = await reopen(last);
      if (!reopened) break;
      input = reopened;
    }
    output.end();
  };
  const reopen = async (last: string): Promise<Readable | undefined> => {
    for (let delayMs = 100; !output.destroyed; delayMs = Math.min(delayMs * 2, 5000)) {
      await source.clock.sleep(delayMs);
      try {
        return await source.open({ ...query, ...(last && { since: sinceOf(last) }), tail: 'all' });
      } catch (error) {
        if ((error as { code?: number }).code === 404) return undefined;
      }
    }
    return undefined;
  };
  copy().catch((error: Error) => output.destroy(error));
  return output;
}

/**
 * What was given lately, by stream and timestamp. The parts of a long line share one timestamp, so only whole lines are told
 * apart by it, and their text is compared too.
 */
class RecentEntries {
  private readonly seen = new Map<string, Buffer>();

  repeats(stream: string, time: string, text: Buffer): boolean {
    if (text.at(-1) !== 10) return false;
    const key = `${stream}${time}`;
    if (this.seen.get(key)?.equals(text)) return true;
    this.seen.set(key, text.length > 1024 ? Buffer.from(text) : text);
    if (this.seen.size > 512) this.seen.delete(this.seen.keys().next().value as string);
    return false;
  }
}

const nanos = (ms: number): string => String(Math.round((ms % 1000) * 1e6)).padStart(9, '0');

const sinceOf = (time: string): string => {
  const fraction = /\.(\d+)Z$/.exec(time)?.[1] ?? '0';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, '0').slice(0, 9)}`;
};

/** Gives each log entry with its timestamp taken off; false when the stream broke. */
async function copyEntries(
  input: Readable,
  tty: boolean,
  emit: (time: string, text: Buffer, stream: string) => Promise<void>,
): Promise<boolean> {
  const parser = new FrameParser();
  let rest: Buffer = Buffer.alloc(0);
  let time = '';
  const entry = async (bytes: Buffer, stream = 'stdout'): Promise<void> => {
    const match = timestamp.exec(bytes.subarray(0, 40).toString('latin1'));
    if (match?.[1]) time = fixedWidth(match[1]);
    await emit(time, match ? bytes.subarray(match[0].length) : bytes, stream);
  };
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      if (!tty) {
        for (const { payload, stream } of parser.push(chunk)) await entry(payload, stream);
        continue;
      }
      // A TTY's log has no frames, but one timestamp a line.
      rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        await entry(rest.subarray(0, end + 1));
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length) await entry(rest);
    return true;
  } catch {
    return false;
  }
}

/** Nine digits, so that timestamps compare as text. */
const fixedWidth = (time: string): string => {
  const [whole = '', fraction = ''] = time.slice(0, -1).split('.');
  return `${whole}.${fraction.padEnd(9, '0')}Z`;
};

function write(output: PassThrough, bytes: Buffer): Promise<void> | void {
  if (output.destroyed || output.writableEnded || output.write(bytes)) return;
  return new Promise((resolve) => {
    const done = (): void => {
      output.off('drain', done);
      output.off('close', done);
      resolve();
    };
    output.on('drain', done);
    output.on('close', done);
  });
}
