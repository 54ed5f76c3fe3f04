/** Takes down what a request and its answer say, for the levels that record it. Requests at lower levels never come here. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request whose body is told to somebody once it was read as a whole. */
export interface ObservedRequest extends IncomingMessage {
  observeBody?(body: Buffer): void;
}

/** Calls `told` with the whole answer when it was sent. The answer is not compressed then. */
export function observeAnswer(request: IncomingMessage, response: ServerResponse, told: (body: Buffer) => void): void {
  delete request.headers['accept-encoding'];
  const chunks: Buffer[] = [];
  const take = (chunk: unknown): void => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const write = response.write.bind(response) as (...args: unknown[]) => boolean;
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.write = (...args: unknown[]): boolean => {
    take(args[0]);
    return write(...args);
  };
  response.end = (...args: unknown[]): ServerResponse => {
    take(args[0]);
    told(Buffer.concat(chunks));
    return end(...args);
  };
}

/** Calls `told` with the code when the answer begins. */
export function observeStart(response: ServerResponse, told: (code: number) => void): void {
  const before = response.writeHead;
  response.writeHead = (...args: unknown[]): ServerResponse => {
    response.writeHead = before;
    told(args[0] as number);
    return Reflect.apply(before, response, args);
  };
}

/** The object of a JSON text; undefined for anything else. */
export function parseRecorded(body: Buffer | undefined, omitManagedFields: boolean): unknown {
  if (!body?.length) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    if (omitManagedFields) dropManagedFields(value);
    return value;
  } catch {
    return undefined;
  }
}

/** Of an object, or of each object of a list. */
function dropManagedFields(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const { metadata, items } = value as { metadata?: { managedFields?: unknown }; items?: unknown[] };
  if (metadata) delete metadata.managedFields;
  if (Array.isArray(items)) items.forEach(dropManagedFields);
}
