/** `/containerLogs/<namespace>/<pod>/<container>`: the bytes of a container's log, as PodLogOptions ask. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newBadRequest } from '../../api/meta/status-error';
import type { LogRequest, StreamingRuntime } from '../runtime/runtime';

/** Throws BadRequest on values that are no numbers or times. */
export function parseLogOptions(query: URLSearchParams): {
  request: Omit<LogRequest, 'containerId'>;
  previous: boolean;
  limitBytes: number | undefined;
} {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw newBadRequest(`invalid ${name}: ${JSON.stringify(text)}`);
    return value;
  };
  const flag = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '');
  const sinceTime = query.get('sinceTime');
  const sinceSeconds = number('sinceSeconds');
  const sinceMs = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds === undefined
      ? undefined
      : Date.now() - sinceSeconds * 1000;
  if (sinceMs !== undefined && Number.isNaN(sinceMs))
    throw newBadRequest(`invalid sinceTime: ${JSON.stringify(sinceTime)}`);
  const tail = number('tailLines');
  const stream = query.get('stream') ?? 'All';
  return {
    previous: flag('previous'),
    limitBytes: number('limitBytes'),
    request: {
      follow: flag('follow'),
      timestamps: flag('timestamps'),
      stdout: stream !== 'Stderr',
      stderr: stream !== 'Stdout',
      ...(tail !== undefined && { tail }),
      ...(sinceMs !== undefined && { sinceMs }),
    },
  };
}

/** Streams until the log ends, the limit is reached or the client is gone. */
export async function streamLogs(
  runtime: StreamingRuntime,
  request: LogRequest,
  limitBytes: number | undefined,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const log = await runtime.logs({ ...request, signal: gone.signal });
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  const content = limitBytes === undefined ? log : firstBytes(log, limitBytes);
  await pipeline(content, response).catch((error: Error) => {
    // A client that went away is the normal end of following.
    if (!gone.signal.aborted && !response.writableEnded) throw error;
  });
}

/** Ends the log's stream too, once the limit is reached. */
async function* firstBytes(log: Readable, limitBytes: number): AsyncGenerator<Buffer> {
  let left = limitBytes;
  if (left === 0) return void log.destroy();
  for await (const chunk of log as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}
