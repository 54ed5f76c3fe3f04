/** `grpc.health.v1.Health/Check` over plain HTTP/2: one message each way, small enough to write by hand. */
import http2 from 'node:http2';
import type { ProbeOutcome } from './prober';

/** Field 1, a string; an empty service is an empty message. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length ? Buffer.concat([Buffer.from([0x0a, name.length]), name]) : Buffer.alloc(0);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** Field 1, an enum; left out when it is UNKNOWN. */
export function decodeStatus(body: Buffer): string {
  const message = body.subarray(5);
  return message[0] === 0x08 ? (statuses[message[1] ?? 0] ?? 'UNKNOWN') : 'UNKNOWN';
}

export function grpcHealthCheck(host: string, port: number, service: string, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const session = http2.connect(`http://${host}:${port}`);
    const finish = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(outcome);
    };
    const connectFailed = `failed to connect service "${host}:${port}" within ${timeoutMs / 1000}s`;
    const fail = (output: string): void => finish({ result: 'failure', output });
    const timer = setTimeout(() => fail(`timeout: ${connectFailed}`), timeoutMs);
    session.once('error', (error) => fail(`error: ${connectFailed}: ${error.message}`));
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let grpcStatus = '0';
    const readStatus = (headers: http2.IncomingHttpHeaders): void => {
      if (headers['grpc-status'] !== undefined) grpcStatus = String(headers['grpc-status']);
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('error', (error) => fail(error.message));
    stream.once('end', () => {
      if (grpcStatus === '12')
        return fail(
          `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): status ${grpcStatus}`,
        );
      if (grpcStatus !== '0') return fail(`error: health rpc probe failed: status ${grpcStatus}`);
      const status = decodeStatus(Buffer.concat(chunks));
      if (status === 'SERVING') finish({ result: 'success', output: 'service healthy' });
      else fail(`service unhealthy (responded with "${status}")`);
    });
    stream.end(encodeRequest(service));
  });
}
