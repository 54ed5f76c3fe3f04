/** `grpc.health.v1.Health/Check` over plain HTTP/2: one message each way, small enough to write by hand. */
import http2 from 'node:http2';
import type { ProbeOutcome } from './prober';

/** Field 1, a string; an empty service is an empty message. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length ? Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]) : Buffer.alloc(0);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Seven bits a byte, the lowest first; all but the last are marked. */
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** Field 1, an enum; left out when it is UNKNOWN. */
export function decodeStatus(body: Buffer): string {
  const message = body.subarray(5);
  return message[0] === 0x08 ? (statuses[message[1] ?? 0] ?? 'UNKNOWN') : 'UNKNOWN';
}

/** As Go prints them, by number. */
const codes =
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'.split(
    ' ',
  );

const unimplemented = 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)';

/** What a call that the server answered came to, in upstream's words (pkg/probe/grpc). */
function outcomeOf(code: string, message: string, body: Buffer): ProbeOutcome {
  const name = codes[Number(code)] ?? `Code(${code})`;
  if (name === 'Unimplemented') return { result: 'failure', output: `${unimplemented}: ${message}` };
  if (name !== 'OK') {
    const error = `rpc error: code = ${name} desc = ${message}`;
    return { result: 'failure', output: `error: health rpc probe failed: ${error}` };
  }
  const status = decodeStatus(body);
  if (status === 'SERVING') return { result: 'success', output: 'service healthy' };
  return { result: 'failure', output: `service unhealthy (responded with "${status}")` };
}

export function grpcHealthCheck(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const session = http2.connect(`http://${host}:${port}`);
    const finish = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(outcome);
    };
    let connected = false;
    const seconds = timeoutMs / 1000;
    const fail = (why: string): void => {
      const unreached = `timeout: failed to connect service "${host}:${port}" within ${seconds}s: context deadline exceeded`;
      finish({ result: 'failure', output: connected ? why : unreached });
    };
    const timer = setTimeout(() => fail(`timeout: health rpc did not complete within ${seconds}s`), timeoutMs);
    const broken = ({ message }: Error): void =>
      fail(`error: health rpc probe failed: rpc error: code = Unavailable desc = ${message}`);
    session.once('connect', () => (connected = true));
    session.on('error', broken);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    const status = { code: '0', message: '' };
    // An answer without a body has its status in the first headers.
    const readStatus = (headers: http2.IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return;
      status.code = String(headers['grpc-status']);
      status.message = String(headers['grpc-message'] ?? '');
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', broken);
    stream.once('end', () => finish(outcomeOf(status.code, status.message, Buffer.concat(chunks))));
    stream.end(encodeRequest(service));
  });
}
