import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { SharedChunk, watchSinkOf } from '../../../../apiserver/endpoints/watch-chunks';

const lines = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

describe('SharedChunk', () => {
  it('frames lines as one chunk of HTTP/1.1', () => {
    expect(new SharedChunk().of(lines('0123456789\n', '01234\n')).toString()).toBe('11\r\n0123456789\n01234\n\r\n');
  });

  it('is made once for the same lines of one turn', async () => {
    const shared = new SharedChunk();
    const [a, b] = lines('a\n', 'b\n') as [Buffer, Buffer];
    const chunk = shared.of([a, b]);
    expect(shared.of([a, b])).toBe(chunk);
    expect(shared.of([a]).toString()).toBe('2\r\na\n\r\n');
    expect(shared.of([b]).toString()).toBe('2\r\nb\n\r\n');
    const last = shared.of([a, b]);
    await nextTurn();
    await nextTurn();
    expect(shared.of([a, b])).not.toBe(last);
  });
});

describe('the sink of a watch', () => {
  function setUp(given: { chunkedEncoding: boolean; connected: boolean }) {
    const calls: string[] = [];
    const say = (what: string) => (data: unknown) => (calls.push(`${what} ${String(data)}`), true);
    const socket = { write: say('socket'), on: say('on'), off: say('off'), destroyed: false };
    const response = {
      socket: given.connected ? socket : null,
      chunkedEncoding: given.chunkedEncoding,
      write: say('response'),
      end: () => void calls.push('end'),
      on: say('response on'),
    };
    const sink = watchSinkOf(response as unknown as ServerResponse, new SharedChunk());
    return { calls, sink, socket };
  }

  it('writes chunks to the connection, and leaves it as it was', () => {
    const { calls, sink } = setUp({ chunkedEncoding: true, connected: true });
    sink.onDrain(() => undefined);
    expect(sink.write(lines('a\n'))).toBe(true);
    sink.end();
    expect(calls).toEqual(['on drain', 'socket 2\r\na\n\r\n', 'off drain', 'end']);
  });

  it('writes nothing to a connection that is gone', () => {
    const { calls, sink, socket } = setUp({ chunkedEncoding: true, connected: true });
    socket.destroyed = true;
    expect(sink.write(lines('a\n'))).toBe(true);
    expect(calls).toEqual([]);
  });

  it.each([
    { chunkedEncoding: false, connected: true },
    { chunkedEncoding: true, connected: false },
  ])('goes through the answer where there are no chunks or no connection yet: %p', (given) => {
    const { calls, sink } = setUp(given);
    sink.onDrain(() => undefined);
    sink.write(lines('a\n', 'b\n'));
    sink.end();
    expect(calls).toEqual(['response on drain', 'response a\nb\n', 'end']);
  });
});
