/**
 * The channel protocols of a WebSocket: each message begins with the number of its channel. Upstream:
 * `apimachinery/pkg/util/httpstream/wsstream` and `remotecommand/constants.go`.
 */
import { PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { bytesOf } from './websocket-duplex';

/** In order of preference; v5 can tell the end of stdin. */
export const channelProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];

/** v5: a message on this channel closes the channel named by its second byte. */
const closeChannel = 255;

export class Channels {
  private readonly inputs = new Map<number, PassThrough>();
  private readonly isBase64: boolean;

  constructor(
    private readonly socket: WebSocket,
    protocol: string,
  ) {
    this.isBase64 = protocol.includes('base64');
    socket.on('message', (data) => this.receive(bytesOf(data)));
    socket.on('close', () => {
      for (const input of this.inputs.values()) input.end();
    });
    // It comes paused, so that nothing is lost before the caller has named its inputs.
    setImmediate(() => socket.resume());
  }

  /** What the client sends on a channel. */
  input(channel: number): PassThrough {
    const known = this.inputs.get(channel);
    if (known) return known;
    const input = new PassThrough({ highWaterMark: 1 << 18 });
    input.on('drain', () => this.socket.resume());
    this.inputs.set(channel, input);
    return input;
  }

  private receive(message: Buffer): void {
    if (!message.length) return;
    const [channel, body] = this.isBase64
      ? [message.readUInt8(0) - 0x30, Buffer.from(message.toString('latin1', 1), 'base64')]
      : [message.readUInt8(0), message.subarray(1)];
    if (channel === closeChannel) {
      this.inputs.get(body[0] ?? -1)?.end();
      return;
    }
    const input = this.inputs.get(channel);
    if (!input || input.writableEnded) return;
    if (!input.write(body)) this.socket.pause();
  }

  /** Sends on a channel, at the pace the client takes it. */
  output(channel: number): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.socket.send(this.frame(channel, chunk), { binary: !this.isBase64 }, (error) => done(error ?? null));
      },
    });
    // A client that went away is told by the socket's close.
    return output.on('error', () => {});
  }

  private frame(channel: number, chunk: Buffer): Buffer {
    if (this.isBase64) return Buffer.from(`${channel}${chunk.toString('base64')}`, 'latin1');
    const frame = Buffer.allocUnsafe(chunk.length + 1);
    frame.writeUInt8(channel, 0);
    chunk.copy(frame, 1);
    return frame;
  }
}
