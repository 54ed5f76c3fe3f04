/** The engine's streams as the kubelet wants them: a running exec or attach, and answers of one JSON object a line. */
import type { Duplex, PassThrough, Readable } from 'node:stream';
import type { ExecSession } from './runtime';
import { demultiplex } from './stream-frames';

/** An exec or attach, from the hijacked connection; `exit` waits for the output to end before it asks for the code. */
export function sessionOf(
  stream: Duplex,
  { tty, stdin }: { tty: boolean; stdin: boolean },
  hooks: Pick<ExecSession, 'resize'> & { exitCode(): Promise<number | null> },
): ExecSession {
  const ended = new Promise<void>((resolve) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', () => resolve());
  });
  let stdout: Readable = stream;
  let stderr: PassThrough | undefined;
  if (!tty) ({ stdout, stderr } = demultiplex(stream));
  return {
    ...(stdin && { stdin: stream }),
    stdout,
    ...(stderr && { stderr }),
    resize: hooks.resize,
    exit: ended.then(() => hooks.exitCode()),
    close: () => stream.destroy(),
  };
}

/** Each object of a stream that has one a line; what is cut off at the end is left out. */
export async function* jsonLines<T>(stream: Readable): AsyncGenerator<T> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) yield JSON.parse(line) as T;
  }
}
