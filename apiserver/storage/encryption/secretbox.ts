/**
 * NaCl's secretbox: XSalsa20 for secrecy, Poly1305 for authenticity. Node's OpenSSL has neither on its own. Salsa20: D. J.
 * Bernstein, "The Salsa20 family of stream ciphers"; XSalsa20: "Extending the Salsa20 nonce"; Poly1305: RFC 8439, 2.5.
 */
import { timingSafeEqual } from 'node:crypto';

export const keyBytes = 32;
export const nonceBytes = 24;
const tagBytes = 16;
const blockBytes = 64;

/** `expand 32-byte k`, the constant on the diagonal. */
const sigma = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
/** Each quarter round's words: four columns, then four rows. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

/** Tag and ciphertext. */
export function sealSecretbox(plain: Buffer, nonce: Buffer, key: Buffer): Buffer {
  const { authKey, cipher } = keyStream(plain, nonce, key);
  return Buffer.concat([poly1305(cipher, authKey), cipher]);
}

/** Undefined when it was not sealed with this key and nonce. */
export function openSecretbox(sealed: Buffer, nonce: Buffer, key: Buffer): Buffer | undefined {
  if (sealed.length < tagBytes) return undefined;
  const cipher = sealed.subarray(tagBytes);
  const { authKey, cipher: plain } = keyStream(cipher, nonce, key);
  return timingSafeEqual(sealed.subarray(0, tagBytes), poly1305(cipher, authKey)) ? plain : undefined;
}

/** The stream's first 32 bytes are the key of the authenticator; the message is combined with what follows them. */
function keyStream(message: Buffer, nonce: Buffer, key: Buffer): { authKey: Buffer; cipher: Buffer } {
  const derived = deriveKey(wordsOf(key), wordsOf(nonce.subarray(0, 16)));
  const [nonceLow, nonceHigh] = wordsOf(nonce.subarray(16));
  const stream = Buffer.alloc(Math.ceil((keyBytes + message.length) / blockBytes) * blockBytes);
  for (let block = 0; block * blockBytes < stream.length; block++) {
    const input = arrange(derived, [nonceLow!, nonceHigh!, block, 0]);
    const mixed = rounds(input);
    for (let i = 0; i < 16; i++) stream.writeUInt32LE((mixed[i]! + input[i]!) >>> 0, block * blockBytes + i * 4);
  }
  const cipher = Buffer.alloc(message.length);
  for (let i = 0; i < message.length; i++) cipher[i] = message[i]! ^ stream[keyBytes + i]!;
  return { authKey: stream.subarray(0, keyBytes), cipher };
}

/** HSalsa20: a key from the key and the first 16 bytes of the long nonce. */
function deriveKey(key: number[], nonce: number[]): number[] {
  const mixed = rounds(arrange(key, nonce));
  return [0, 5, 10, 15, 6, 7, 8, 9].map((i) => mixed[i]!);
}

const arrange = (key: number[], input: number[]): Uint32Array =>
  Uint32Array.of(
    ...[sigma[0]!, ...key.slice(0, 4)],
    ...[sigma[1]!, ...input],
    ...[sigma[2]!, ...key.slice(4)],
    sigma[3]!,
  );

function rounds(input: Uint32Array): Uint32Array {
  const x = input.slice();
  for (let round = 0; round < 20; round += 2) {
    for (const [a, b, c, d] of quarters) {
      x[b]! ^= rotate(x[a]! + x[d]!, 7);
      x[c]! ^= rotate(x[b]! + x[a]!, 9);
      x[d]! ^= rotate(x[c]! + x[b]!, 13);
      x[a]! ^= rotate(x[d]! + x[c]!, 18);
    }
  }
  return x;
}

const rotate = (word: number, by: number): number => (word << by) | ((word >>> 0) >>> (32 - by));

const wordsOf = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4));

const prime = (1n << 130n) - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

function poly1305(message: Buffer, key: Buffer): Buffer {
  const r = littleEndian(key.subarray(0, 16)) & clamp;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + littleEndian(block) + (1n << BigInt(8 * block.length))) * r) % prime;
  }
  const tag = BigInt.asUintN(128, sum + littleEndian(key.subarray(16)));
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}

const littleEndian = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);
