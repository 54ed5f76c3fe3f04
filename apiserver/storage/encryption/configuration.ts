/** Reads an EncryptionConfiguration: which resources are encrypted, and by what. Pure. Upstream: `apis/apiserver/validation`. */
import { parse } from 'yaml';
import type { GroupResource } from '../../../api/meta/status-error';
import { chainTransformers, type PrefixedTransformer, type Transformer } from '../transform';
import { identityProvider, keyedProviders } from './providers';

interface ProviderEntry {
  identity?: object | null;
  [provider: string]: { keys?: { name?: string; secret?: string }[] } | object | null | undefined;
}

interface ResourceEntry {
  resources?: string[];
  providers?: ProviderEntry[];
}

/** Gives the transformer of a resource; undefined for one that is stored as it is. */
export type EncryptionRules = (resource: GroupResource) => Transformer | undefined;

/** Throws with one sentence for a text that is no valid configuration. */
export function parseEncryptionConfiguration(text: string): EncryptionRules {
  const config = parse(text) as { apiVersion?: string; kind?: string; resources?: ResourceEntry[] } | null;
  if (config?.apiVersion !== 'apiserver.config.k8s.io/v1' || config.kind !== 'EncryptionConfiguration') {
    throw new Error('it must be of apiVersion apiserver.config.k8s.io/v1 and kind EncryptionConfiguration');
  }
  if (!config.resources?.length) throw new Error('resources: Required value: must contain at least one resource');
  const rules = config.resources.map(({ resources, providers }, index) => {
    const path = `resources[${index}]`;
    if (!resources?.length) throw new Error(`${path}.resources: Required value: must contain at least one resource`);
    for (const name of resources) checkResource(name, `${path}.resources`);
    if (!providers?.length) throw new Error(`${path}.providers: Required value: must contain at least one provider`);
    const transformers = providers.flatMap((entry, at) => transformersOf(entry, `${path}.providers[${at}]`));
    return { resources, transformer: chainTransformers(transformers) };
  });
  return (resource) => rules.find(({ resources }) => resources.some((spec) => covers(spec, resource)))?.transformer;
}

function checkResource(name: string, path: string): void {
  const wrong = name !== name.toLowerCase() || (name.includes('*') && !/^\*\.([^*]*|\*)$/.test(name));
  if (wrong)
    throw new Error(
      `${path}: Invalid value: ${JSON.stringify(name)}: must be <resource>, <resource>.<group>, *.<group> or *.*`,
    );
}

/** `secrets`, `deployments.apps`, `*.apps`, `*.` for the core group, `*.*`. */
function covers(spec: string, { group, resource }: GroupResource): boolean {
  if (spec === '*.*') return true;
  const dot = spec.indexOf('.');
  if (dot < 0) return group === '' && spec === resource;
  const name = spec.slice(0, dot);
  return group === spec.slice(dot + 1) && (name === '*' || name === resource);
}

function transformersOf(entry: ProviderEntry, path: string): PrefixedTransformer[] {
  const names = Object.keys(entry);
  if (names.length !== 1)
    throw new Error(
      `${path}: more than one provider specified in a single element, should split into different list elements`,
    );
  const [name] = names as [string];
  if (name === 'identity') return [identityProvider];
  if (!(name in keyedProviders))
    throw new Error(
      `${path}: provider ${JSON.stringify(name)} is not supported: supported are aescbc, aesgcm, secretbox, identity`,
    );
  const { create, keySizes } = keyedProviders[name as keyof typeof keyedProviders];
  const keys = (entry[name] as { keys?: { name?: string; secret?: string }[] } | null)?.keys ?? [];
  if (!keys.length) throw new Error(`${path}.${name}.keys: Required value: at least one key must be provided`);
  return keys.map(({ name: keyName, secret: base64 = '' }, index) => {
    const at = `${path}.${name}.keys[${index}]`;
    if (!keyName) throw new Error(`${at}.name: Required value: key name must be provided`);
    if (keyName.includes(':'))
      throw new Error(`${at}.name: Invalid value: ${JSON.stringify(keyName)}: must not contain ":"`);
    const secret = Buffer.from(base64, 'base64');
    // Never the secret itself: messages end up in logs.
    if (!keySizes.includes(secret.length))
      throw new Error(
        `${at}.secret: Invalid value: REDACTED: secret is not of the expected length, got ${secret.length}, expected one of [${keySizes.join(' ')}]`,
      );
    return create({ name: keyName, secret });
  });
}
