import http2 from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { encodeRequest, grpcHealthCheck } from '../../../../kubelet/probes/grpc-probe';

/** Answers by the service that is asked for: a health status, a gRPC code, or nothing at all. */
function serve(stream: http2.ServerHttp2Stream, service: string): void {
  const [kind, value = ''] = service.split(':');
  if (kind === 'silent') return;
  if (kind === 'code') {
    stream.respond({ ':status': 200, 'grpc-status': value, 'grpc-message': 'because' }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, Number(value)]));
}

describe('a gRPC probe', () => {
  let server: http2.Http2Server;
  let port: number;
  beforeAll(async () => {
    server = http2.createServer();
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.on('error', () => undefined);
      stream.once('data', (request: Buffer) => serve(stream, request.subarray(7).toString()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  it.each([
    ['status:1', 'success', 'service healthy'],
    ['status:2', 'failure', 'service unhealthy (responded with "NOT_SERVING")'],
    [
      'code:12',
      'failure',
      'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): because',
    ],
    ['code:5', 'failure', 'error: health rpc probe failed: rpc error: code = NotFound desc = because'],
    ['silent', 'failure', 'timeout: health rpc did not complete within 1s'],
  ])('that is answered with %s ends in %s', async (service, result, output) => {
    expect(await grpcHealthCheck('127.0.0.1', port, service, service === 'silent' ? 1_000 : 30_000)).toEqual({
      result,
      output,
    });
  });

  it('fails in upstream’s words where nobody listens', async () => {
    const closed = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const free = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    expect(await grpcHealthCheck('127.0.0.1', free, '', 1000)).toEqual({
      result: 'failure',
      output: `timeout: failed to connect service "127.0.0.1:${free}" within 1s: context deadline exceeded`,
    });
  });

  it('asks for services with long names', () => {
    const request = encodeRequest('s'.repeat(300));
    expect(request.subarray(5, 8)).toEqual(Buffer.from([0x0a, 0xac, 0x02]));
    expect(request).toHaveLength(5 + 3 + 300);
  });
});
