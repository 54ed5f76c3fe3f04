/**
 * The JSON of an object with room around it for the line of a watch, `{"type":"ADDED","object":…}`. Nearly every state is told
 * of in one way only, so that its line costs no memory beside its bytes.
 */
export type ObjectEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

const headOf = (type: ObjectEventType): Buffer => Buffer.from(`{"type":"${type}","object":`);
const heads: Readonly<Record<ObjectEventType, Buffer>> = {
  ADDED: headOf('ADDED'),
  MODIFIED: headOf('MODIFIED'),
  DELETED: headOf('DELETED'),
};
const tail = Buffer.from('}\n');
const room = Math.max(...Object.values(heads).map(({ length }) => length));

export class FramedBytes {
  readonly bytes: Buffer;
  /** The line whose memory is that of the bytes. */
  private own: { readonly type: ObjectEventType; readonly line: Buffer } | undefined;
  private others: Map<ObjectEventType, Buffer> | undefined;

  /** Copies `parts` into memory of its own: a slice of Node's shared pool would keep 8 KiB of it alive. */
  constructor(parts: readonly Buffer[]) {
    const length = parts.reduce((size, part) => size + part.length, 0);
    const whole = Buffer.allocUnsafeSlow(room + length + tail.length);
    let at = room;
    for (const part of parts) at += part.copy(whole, at);
    tail.copy(whole, at);
    this.bytes = whole.subarray(room, at);
  }

  /** The line of a watch; made at most once for each type. */
  line(type: ObjectEventType): Buffer {
    if (this.own?.type === type) return this.own.line;
    if (!this.own) {
      const line = this.ownLine(heads[type]);
      this.own = { type, line };
      return line;
    }
    // What was handed out must stay as it is.
    let line = this.others?.get(type);
    if (!line) {
      line = Buffer.concat([heads[type], this.bytes, tail]);
      (this.others ??= new Map()).set(type, line);
    }
    return line;
  }

  private ownLine(head: Buffer): Buffer {
    const { buffer, byteOffset, length } = this.bytes;
    const line = Buffer.from(buffer, byteOffset - head.length, head.length + length + tail.length);
    head.copy(line);
    return line;
  }
}
