import { once } from 'node:events';
import { createServer } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import type { StreamingRuntime } from '../../../../kubelet/runtime/runtime';
import { parseLogOptions, streamLogs } from '../../../../kubelet/server/container-logs';

const parse = (query: string): ReturnType<typeof parseLogOptions> => parseLogOptions(new URLSearchParams(query));

describe('parseLogOptions', () => {
  it('reads the options of PodLogOptions', () => {
    expect(parse('follow=true&timestamps=1&tailLines=0&limitBytes=10&previous=true')).toEqual({
      previous: true,
      limitBytes: 10,
      request: { follow: true, timestamps: true, stdout: true, stderr: true, tail: 0 },
    });
    expect(parse('sinceTime=2026-01-02T03:04:05Z').request.sinceMs).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    const { sinceMs = Infinity } = parse('sinceSeconds=60').request;
    expect(sinceMs).toBeLessThanOrEqual(Date.now() - 60_000);
    expect(parse('stream=Stderr').request).toMatchObject({ stdout: false, stderr: true });
    expect(parse('stream=Stdout').request).toMatchObject({ stdout: true, stderr: false });
  });

  it.each(['tailLines=-1', 'tailLines=many', 'limitBytes=1.5', 'sinceTime=yesterday'])('refuses %s', (query) => {
    expect(() => parse(query)).toThrow(`invalid ${query.split('=')[0]}`);
  });
});

describe('streamLogs', () => {
  /** What a client reads of the log, with how it ended. */
  async function read(log: Readable, limitBytes?: number): Promise<{ text: string; failed: unknown }> {
    let failed: unknown;
    const server = createServer((_request, response) => {
      const runtime = { logs: () => Promise.resolve(log) } as unknown as StreamingRuntime;
      streamLogs(runtime, { containerId: 'c' }, limitBytes, response).catch((error) => (failed = error));
    }).listen(0);
    await once(server, 'listening');
    const answer = await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}/`);
    const text = await answer.text();
    server.closeAllConnections();
    server.close();
    return { text, failed };
  }

  it('sends the whole log', async () => {
    expect(await read(Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]))).toEqual({
      text: 'one\ntwo\n',
      failed: undefined,
    });
  });

  it('ends at the limit, also of a log that goes on', async () => {
    const log = new PassThrough();
    log.write('one\n');
    log.write('two\n');
    expect(await read(log, 6)).toEqual({ text: 'one\ntw', failed: undefined });
    expect(log.destroyed).toBe(true);
  });

  it('stops following when the client goes away', async () => {
    const log = new PassThrough();
    const gone = new Promise<void>((resolve) => log.once('close', resolve));
    const server = createServer((_request, response) => {
      const runtime = { logs: () => Promise.resolve(log) } as unknown as StreamingRuntime;
      void streamLogs(runtime, { containerId: 'c' }, undefined, response);
    }).listen(0);
    await once(server, 'listening');
    const abort = new AbortController();
    await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}/`, { signal: abort.signal });
    abort.abort();
    await gone;
    expect(log.destroyed).toBe(true);
    server.closeAllConnections();
    server.close();
  });
});
