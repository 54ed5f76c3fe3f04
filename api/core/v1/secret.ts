/** Secret: data in base64; `stringData` is a way to write it as text. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, unchanged } from '../../meta/field-checks';
import { type FieldError, invalid, required, tooLong } from '../../meta/field-error';
import { jsonErrorMessage } from '../../meta/json-error';
import { isConfigMapKey } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { base64Length, maxDataBytes, validateImmutable } from './stored-data';

export interface Secret extends Wire<V1Secret> {}

const data = at('data');

/** `stringData` overwrites `data` and is never stored. */
function mergeStringData(secret: Secret): void {
  for (const [key, value] of Object.entries(secret.stringData ?? {})) {
    (secret.data ??= {})[key] = Buffer.from(value).toString('base64');
  }
  delete secret.stringData;
}

function requireJsonObject(secret: Secret, key: string): FieldError[] {
  const text = secret.data?.[key];
  if (text === undefined) return [required(data.key(key))];
  const refused = (detail: string): FieldError[] => [invalid(data.key(key), '<secret contents redacted>', detail)];
  const json = Buffer.from(text, 'base64').toString();
  try {
    const value: unknown = JSON.parse(json);
    const type = Array.isArray(value) ? 'array' : typeof value;
    if (type === 'object') return [];
    return refused(
      `json: cannot unmarshal ${type.replace('boolean', 'bool')} into Go value of type map[string]interface {}`,
    );
  } catch (error) {
    return refused(jsonErrorMessage(json, error));
  }
}

function validateOfType(secret: Secret): FieldError[] {
  const has = (key: string): boolean => secret.data?.[key] !== undefined;
  switch (secret.type) {
    case 'kubernetes.io/service-account-token': {
      const annotation = 'kubernetes.io/service-account.name';
      return secret.metadata?.annotations?.[annotation]
        ? []
        : [required(at('metadata', 'annotations').key(annotation))];
    }
    case 'kubernetes.io/dockercfg':
      return requireJsonObject(secret, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return requireJsonObject(secret, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return has('username') || has('password') ? [] : [required(data.key('username')), required(data.key('password'))];
    case 'kubernetes.io/ssh-auth':
      return secret.data?.['ssh-privatekey'] ? [] : [required(data.key('ssh-privatekey'))];
    case 'kubernetes.io/tls':
      return ['tls.crt', 'tls.key'].filter((key) => !has(key)).map((key) => required(data.key(key)));
    default:
      return [];
  }
}

function validate(secret: Secret): FieldError[] {
  const entries = Object.entries(secret.data ?? {});
  const errors = entries.flatMap(([key]) => invalidEach(data.key(key), key, isConfigMapKey(key)));
  const size = entries.reduce((sum, [, value]) => sum + base64Length(value ?? ''), 0);
  if (size > maxDataBytes) errors.push(tooLong(data, '', maxDataBytes));
  return [...errors, ...validateOfType(secret)];
}

const textOf = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
const hasPem = (text: string): boolean => /-----BEGIN [A-Z0-9 ]+-----/.test(text);

/** A pair that no server could use, in the words of Go's `crypto/tls`. */
function keyPairWarnings(secret: Secret): string[] {
  if (secret.type !== 'kubernetes.io/tls') return [];
  const [certificate, key] = [textOf(secret, 'tls.crt'), textOf(secret, 'tls.key')];
  if (!hasPem(certificate)) return ['tls: failed to find any PEM data in certificate input'];
  if (!hasPem(key)) return ['tls: failed to find any PEM data in key input'];
  try {
    const matches = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
    return matches ? [] : ['tls: private key does not match public key'];
  } catch {
    return ['tls: failed to parse certificate or private key'];
  }
}

export const secrets = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  names: { plural: 'secrets', singular: 'secret' },
  scope: 'Namespaced',
  defaults(secret) {
    secret.type ||= 'Opaque';
    mergeStringData(secret);
  },
  prepareForUpdate(secret, old) {
    mergeStringData(secret);
    secret.type ||= old.type;
  },
  validate,
  warnings: keyPairWarnings,
  validateUpdate: (secret, old) => [
    ...unchanged(at('type'), secret.type, old.type),
    ...validateImmutable(secret, old, ['data']),
    ...validate(secret),
  ],
  selectableFields: { type: ({ type }) => type ?? '' },
  columns: [
    nameColumn,
    textColumn('Type', 'Used to facilitate programmatic handling of secret data.', ({ type }) => type ?? ''),
    {
      name: 'Data',
      type: 'string',
      description: 'Data contains the secret data.',
      value: (secret) => Object.keys(secret.data ?? {}).length,
    },
    ageColumn,
  ],
});
