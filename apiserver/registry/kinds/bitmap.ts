/** A set of small integers as bits, and the choice of a free one. Pure. */
export class Bitmap {
  private constructor(
    readonly size: number,
    private readonly bytes: Buffer,
  ) {}

  static empty(size: number): Bitmap {
    return new Bitmap(size, Buffer.alloc(Math.ceil(size / 8)));
  }

  /** From base64; too short or too long data is padded or cut to `size`. */
  static decode(size: number, base64: string): Bitmap {
    const bitmap = Bitmap.empty(size);
    Buffer.from(base64, 'base64').copy(bitmap.bytes);
    return bitmap;
  }

  encode(): string {
    return this.bytes.toString('base64');
  }

  has(index: number): boolean {
    return (this.bytes[index >> 3]! & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    this.bytes[index >> 3]! |= 1 << (index & 7);
  }

  delete(index: number): void {
    this.bytes[index >> 3]! &= ~(1 << (index & 7));
  }

  *values(): Generator<number> {
    for (let index = 0; index < this.size; index++) if (this.has(index)) yield index;
  }

  /**
   * A free index, scanning from a random place: first in `[band, size)`, then below, so that the lower band stays for those
   * who choose by hand (upstream KEP-3070). Undefined when all are taken. `random` gives numbers in [0, 1).
   */
  findFree(band: number, random: () => number): number | undefined {
    return this.scan(band, this.size, random) ?? this.scan(0, band, random);
  }

  private scan(from: number, to: number, random: () => number): number | undefined {
    const count = to - from;
    const start = Math.floor(random() * count);
    for (let step = 0; step < count; step++) {
      const index = from + ((start + step) % count);
      if (!this.has(index)) return index;
    }
    return undefined;
  }
}
