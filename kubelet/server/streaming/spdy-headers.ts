/** Header blocks of SPDY/3.1: name and value pairs, compressed by one stream for each direction of a connection. */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { spdyDictionary } from './spdy-dictionary';

export type SpdyHeaders = Record<string, string>;

const maxHeaderBytes = 64 * 1024;

/** One direction's state lives as long as the connection: calls must not overlap, and their order is the wire's. */
export class HeaderCodec {
  private readonly inflate: Inflate = createInflate({ dictionary: spdyDictionary });
  private readonly deflate: Deflate = createDeflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH });
  private failure: Error | undefined;

  constructor() {
    const fail = (error: Error): void => void (this.failure ??= error);
    this.inflate.on('error', fail);
    this.deflate.on('error', fail);
  }

  /** Names come out in lower case. Rejects on a block that is no valid one. */
  async decode(block: Buffer): Promise<SpdyHeaders> {
    const bytes = await this.pass(this.inflate, block);
    const headers: SpdyHeaders = {};
    let offset = 0;
    const take = (): number => {
      if (offset + 4 > bytes.length) throw new Error('truncated SPDY header block');
      offset += 4;
      return bytes.readUInt32BE(offset - 4);
    };
    const text = (): string => {
      const length = take();
      if (offset + length > bytes.length) throw new Error('truncated SPDY header block');
      offset += length;
      return bytes.toString('utf8', offset - length, offset);
    };
    for (let pairs = take(); pairs > 0; pairs--) {
      const name = text().toLowerCase();
      headers[name] = text();
    }
    return headers;
  }

  encode(headers: SpdyHeaders): Promise<Buffer> {
    const pairs = Object.entries(headers);
    const parts = [uint32(pairs.length)];
    for (const [name, value] of pairs) {
      for (const text of [name.toLowerCase(), value]) parts.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
    }
    return this.pass(this.deflate, Buffer.concat(parts));
  }

  private pass(codec: Inflate | Deflate, input: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const collect = (): void => {
        for (let chunk: Buffer | null; (chunk = codec.read() as Buffer | null);) {
          size += chunk.length;
          if (size <= maxHeaderBytes) chunks.push(chunk);
        }
      };
      const finish = (): void => {
        codec.off('readable', collect).off('error', onError);
        collect();
        if (this.failure) reject(this.failure);
        else if (size > maxHeaderBytes) reject(new Error('SPDY header block is too large'));
        else resolve(Buffer.concat(chunks));
      };
      const onError = (error: Error): void => {
        this.failure ??= error;
        finish();
      };
      codec.on('readable', collect).once('error', onError);
      codec.write(input, finish);
    });
  }

  close(): void {
    this.inflate.destroy();
    this.deflate.destroy();
  }
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
