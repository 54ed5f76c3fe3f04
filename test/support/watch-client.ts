/** Reads a watch over plain HTTPS, line by line, as a client does. */
import https from 'node:https';
import { createInterface } from 'node:readline';
import type { Identity } from './apiserver';

export interface WatchLine {
  type: string;
  object: any;
}

export interface WatchClient {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  /** The next event; rejects after `timeoutMs`, and gives undefined when the stream ended. */
  next(timeoutMs?: number): Promise<WatchLine | undefined>;
  close(): void;
}

export function openWatch(
  server: { url: string; ca: string; admin: Identity },
  path: string,
  headers: Record<string, string> = {},
): Promise<WatchClient> {
  return new Promise((resolve, reject) => {
    const { cert, key } = server.admin;
    const request = https.get(`${server.url}${path}`, { agent: false, ca: server.ca, cert, key, headers }, (answer) => {
      const lines: (WatchLine | undefined)[] = [];
      let wake: () => void = () => undefined;
      const push = (line: WatchLine | undefined): void => {
        lines.push(line);
        wake();
      };
      const reader = createInterface({ input: answer });
      reader.on('error', () => undefined);
      reader.on('line', (text) => push(JSON.parse(text) as WatchLine));
      reader.on('close', () => push(undefined));
      answer.on('error', () => undefined);
      resolve({
        code: answer.statusCode ?? 0,
        headers: answer.headers,
        async next(timeoutMs = 60_000) {
          if (lines.length === 0) {
            await new Promise<void>((resolveLine, rejectLine) => {
              const timer = setTimeout(() => rejectLine(new Error(`no event within ${timeoutMs} ms`)), timeoutMs);
              wake = () => {
                clearTimeout(timer);
                resolveLine();
              };
            });
          }
          return lines.shift();
        },
        close: () => request.destroy(),
      });
    });
    request.on('error', reject);
  });
}
