/** What stands between the text of an object and the bytes in etcd. Upstream: apiserver `pkg/storage/value`. */

export interface Transformer {
  /** The bytes to store under the etcd key. */
  seal(key: string, plain: Buffer): Buffer;
  /** The text of stored bytes. `stale`: they are to be written anew (another provider or key comes first by now). */
  open(key: string, stored: Buffer): { plain: Buffer; stale: boolean };
}

/** A transformer whose bytes are known by what they begin with. */
export interface PrefixedTransformer {
  prefix: Buffer;
  /** Without the prefix. */
  seal(key: string, plain: Buffer): Buffer;
  open(key: string, sealed: Buffer): Buffer;
}

export const identity: Transformer = {
  seal: (_key, plain) => plain,
  open: (_key, stored) => ({ plain: stored, stale: false }),
};

/** The first seals; whichever wrote the bytes opens them. Throws when none can. */
export function chainTransformers(transformers: readonly PrefixedTransformer[]): Transformer {
  const [first] = transformers;
  if (!first) return identity;
  return {
    seal: (key, plain) => Buffer.concat([first.prefix, first.seal(key, plain)]),
    open(key, stored) {
      const causes: unknown[] = [];
      for (const [index, { prefix, open }] of transformers.entries()) {
        if (!stored.subarray(0, prefix.length).equals(prefix)) continue;
        try {
          return { plain: open(key, stored.subarray(prefix.length)), stale: index > 0 };
        } catch (error) {
          causes.push(error);
        }
      }
      const why = causes.length
        ? causes.map((cause) => (cause as Error).message).join(', ')
        : 'no matching prefix found';
      throw new Error(`unable to transform key ${JSON.stringify(key)}: ${why}`, { cause: causes[0] });
    },
  };
}
