/**
 * The providers of encryption at rest, in upstream's formats: data of one can be read by the other. Upstream: apiserver
 * `pkg/storage/value/encrypt`.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { PrefixedTransformer } from '../transform';
import { keyBytes, nonceBytes, openSecretbox, sealSecretbox } from './secretbox';

export interface EncryptionKey {
  name: string;
  secret: Buffer;
}

/** Makes the transformer of one key. */
export type KeyedProvider = (key: EncryptionKey) => PrefixedTransformer;

const prefixOf = (provider: string, key: EncryptionKey): Buffer => Buffer.from(`k8s:enc:${provider}:v1:${key.name}:`);
/** What any encrypted value begins with. */
const encryptedPrefix = Buffer.from('k8s:enc:');

const aesKeySizes: readonly number[] = [16, 24, 32];
const cbcIvBytes = 16;
const gcmNonceBytes = 12;
const gcmTagBytes = 16;

const aescbc: KeyedProvider = (key) => {
  const algorithm = `aes-${key.secret.length * 8}-cbc`;
  return {
    prefix: prefixOf('aescbc', key),
    seal(_etcdKey, plain) {
      const iv = randomBytes(cbcIvBytes);
      const cipher = createCipheriv(algorithm, key.secret, iv);
      return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
    },
    open(_etcdKey, sealed) {
      const decipher = createDecipheriv(algorithm, key.secret, sealed.subarray(0, cbcIvBytes));
      return Buffer.concat([decipher.update(sealed.subarray(cbcIvBytes)), decipher.final()]);
    },
  };
};

/** The etcd key is authenticated too: a value moved to another object cannot be opened there. */
const aesgcm: KeyedProvider = (key) => {
  const algorithm = `aes-${key.secret.length * 8}-gcm` as 'aes-256-gcm';
  return {
    prefix: prefixOf('aesgcm', key),
    seal(etcdKey, plain) {
      const nonce = randomBytes(gcmNonceBytes);
      const cipher = createCipheriv(algorithm, key.secret, nonce).setAAD(Buffer.from(etcdKey));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(etcdKey, sealed) {
      const decipher = createDecipheriv(algorithm, key.secret, sealed.subarray(0, gcmNonceBytes), {
        authTagLength: gcmTagBytes,
      });
      decipher.setAAD(Buffer.from(etcdKey)).setAuthTag(sealed.subarray(-gcmTagBytes));
      return Buffer.concat([decipher.update(sealed.subarray(gcmNonceBytes, -gcmTagBytes)), decipher.final()]);
    },
  };
};

const secretbox: KeyedProvider = (key) => ({
  prefix: prefixOf('secretbox', key),
  seal(_etcdKey, plain) {
    const nonce = randomBytes(nonceBytes);
    return Buffer.concat([nonce, sealSecretbox(plain, nonce, key.secret)]);
  },
  open(_etcdKey, sealed) {
    const plain = openSecretbox(sealed.subarray(nonceBytes), sealed.subarray(0, nonceBytes), key.secret);
    if (!plain) throw new Error('message authentication failed');
    return plain;
  },
});

/** Writes as is, and refuses to hand out what it cannot read. */
export const identityProvider: PrefixedTransformer = {
  prefix: Buffer.alloc(0),
  seal: (_etcdKey, plain) => plain,
  open(_etcdKey, stored) {
    if (stored.subarray(0, encryptedPrefix.length).equals(encryptedPrefix)) {
      throw new Error('identity transformer tried to read encrypted data');
    }
    return stored;
  },
};

export const keyedProviders = {
  aescbc: { create: aescbc, keySizes: aesKeySizes },
  aesgcm: { create: aesgcm, keySizes: aesKeySizes },
  secretbox: { create: secretbox, keySizes: [keyBytes] as readonly number[] },
};
