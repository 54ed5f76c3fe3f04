/** Speaks to one API server, and says of every failure whether the request may have been carried out. */
import https from 'node:https';
import { createInterface } from 'node:readline';

export interface Answer {
  code: number;
  body: any;
}

/** The server told nothing: it was away, or did not answer in time. */
export class NoAnswer extends Error {
  constructor(
    /** False: it cannot have been carried out. */
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(sent ? 'no answer' : 'not sent', options);
  }
}

export interface WatchLine {
  type: string;
  object: any;
}

export interface ApiClient {
  /** Throws NoAnswer. */
  send(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls back for each line; resolves when the stream ended or broke. Gives the code. */
  watch(path: string, onLine: (line: WatchLine) => void, signal: AbortSignal): Promise<number>;
  close(): void;
}

export interface ClientOptions {
  port: number;
  ca: string;
  cert: string;
  key: string;
}

const requestTimeoutMs = 20_000;

export function createApiClient(options: ClientOptions): ApiClient {
  const { port, ...identity } = options;
  const agent = new https.Agent({ ...identity, keepAlive: true });
  const common = { host: '127.0.0.1', port, servername: 'localhost' };
  return {
    send(method, path, body) {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      return new Promise((resolve, reject) => {
        let connected = false;
        const headers = payload ? { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) } : {};
        const request = https.request({ ...common, agent, method, path, headers }, (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', (cause) => reject(new NoAnswer(true, { cause })));
          answer.on('end', () => {
            if (!answer.complete) return reject(new NoAnswer(true));
            const text = Buffer.concat(chunks).toString();
            resolve({ code: answer.statusCode ?? 0, body: text ? JSON.parse(text) : undefined });
          });
        });
        request.setTimeout(requestTimeoutMs, () => request.destroy(new Error('timeout')));
        request.on('socket', (socket) => {
          if (socket.connecting) socket.once('secureConnect', () => (connected = true));
          else connected = true;
        });
        request.on('error', (cause) => reject(new NoAnswer(connected, { cause })));
        request.end(payload);
      });
    },
    watch(path, onLine, signal) {
      return new Promise((resolve) => {
        const request = https.get({ ...common, ...identity, agent: false, path, signal }, (answer) => {
          const lines = createInterface({ input: answer });
          answer.on('error', () => lines.close());
          lines.on('error', () => undefined);
          lines.on('line', (line) => {
            const parsed = parseLine(line);
            if (parsed) onLine(parsed);
          });
          lines.on('close', () => resolve(answer.statusCode ?? 0));
        });
        // A server that died without a word leaves the connection open.
        request.setTimeout(15_000, () => request.destroy());
        request.on('error', () => resolve(0));
      });
    },
    close: () => agent.destroy(),
  };
}

/** Undefined for the last line of a broken stream, which may be cut anywhere. */
function parseLine(line: string): WatchLine | undefined {
  try {
    return JSON.parse(line) as WatchLine;
  } catch {
    return undefined;
  }
}
