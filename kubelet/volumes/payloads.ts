/** The files of configMap, secret, downwardAPI and projected volumes, computed from their objects. */
import { containersOf, type Pod, type Volume } from '../../api/core/v1/pod';
import type { ConfigMap } from '../../api/core/v1/configmap';
import type { Secret } from '../../api/core/v1/secret';
import { fieldValue, type PodFacts, resourceValue } from '../pods/field-ref';
import type { ProjectedFile } from './atomic-writer';
import type { TokenRequester } from './token-manager';

export interface PayloadSources {
  facts: PodFacts;
  configMap(name: string): Promise<ConfigMap | undefined>;
  secret(name: string): Promise<Secret | undefined>;
  token: TokenRequester;
}

/** The volume cannot be filled: event FailedMount, and another try when the object changes. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

type Files = Map<string, ProjectedFile>;

interface KeySource {
  items?: { key: string; path: string; mode?: number }[];
  optional?: boolean;
}

/** Undefined for volumes that are no files made by the kubelet. */
export async function payloadOf(volume: Volume, sources: PayloadSources): Promise<Files | undefined> {
  if (volume.configMap) {
    const { name = '', defaultMode = 0o644 } = volume.configMap;
    return configMapFiles(name, volume.configMap, defaultMode, sources);
  }
  if (volume.secret) {
    const { secretName = '', defaultMode = 0o644 } = volume.secret;
    return secretFiles(secretName, volume.secret, defaultMode, sources);
  }
  if (volume.downwardAPI) {
    return downwardFiles(volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode ?? 0o644, sources);
  }
  if (!volume.projected) return undefined;
  const files: Files = new Map();
  const mode = volume.projected.defaultMode ?? 0o644;
  for (const source of volume.projected.sources ?? []) {
    const parts: Files[] = [];
    if (source.configMap)
      parts.push(await configMapFiles(source.configMap.name ?? '', source.configMap, mode, sources));
    if (source.secret) parts.push(await secretFiles(source.secret.name ?? '', source.secret, mode, sources));
    if (source.downwardAPI) parts.push(downwardFiles(source.downwardAPI.items ?? [], mode, sources));
    if (source.serviceAccountToken) {
      const { path, audience, expirationSeconds } = source.serviceAccountToken;
      const token = await sources.token(sources.facts.pod, audience, expirationSeconds ?? 3600);
      parts.push(new Map([[path, tokenFile(token, mode, sources.facts.pod)]]));
    }
    for (const part of parts) for (const [name, file] of part) files.set(name, file);
  }
  return files;
}

/** A pod with a group or one user for all gets a token that only they can read. */
function tokenFile(token: string, mode: number, pod: Pod): ProjectedFile {
  const fsGroup = pod.spec?.securityContext?.fsGroup;
  const uid = commonUser(pod);
  const restricted = fsGroup !== undefined || uid !== undefined;
  return { data: Buffer.from(token), mode: restricted ? 0o600 : mode, ...(uid !== undefined && { uid }) };
}

function commonUser(pod: Pod): number | undefined {
  const shared = pod.spec?.securityContext?.runAsUser;
  const users = new Set(containersOf(pod).map((container) => container.securityContext?.runAsUser ?? shared));
  const [only] = users;
  return users.size === 1 ? only : undefined;
}

async function configMapFiles(name: string, source: KeySource, mode: number, sources: PayloadSources): Promise<Files> {
  const found = await sources.configMap(name);
  if (!found && !source.optional) throw new VolumeError(`configmap "${name}" not found`);
  const data = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(found?.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(found?.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'));
  return select(data, source, mode, 'configmap references non-existent config key');
}

async function secretFiles(name: string, source: KeySource, mode: number, sources: PayloadSources): Promise<Files> {
  const found = await sources.secret(name);
  if (!found && !source.optional) throw new VolumeError(`secret "${name}" not found`);
  const data = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(found?.data ?? {})) data.set(key, Buffer.from(value, 'base64'));
  return select(data, source, mode, 'references non-existent secret key');
}

function select(data: Map<string, Buffer>, source: KeySource, mode: number, missing: string): Files {
  if (!source.items?.length) return new Map([...data].map(([key, bytes]) => [key, { data: bytes, mode }]));
  const files: Files = new Map();
  for (const item of source.items) {
    const bytes = data.get(item.key);
    if (bytes) files.set(item.path, { data: bytes, mode: item.mode ?? mode });
    else if (!source.optional) throw new VolumeError(`${missing}: ${item.key}`);
  }
  return files;
}

interface DownwardItem {
  path: string;
  mode?: number;
  fieldRef?: { fieldPath: string };
  resourceFieldRef?: { containerName?: string; resource: string; divisor?: string };
}

function downwardFiles(items: DownwardItem[], defaultMode: number, { facts }: PayloadSources): Files {
  const files: Files = new Map();
  for (const { path, mode = defaultMode, fieldRef, resourceFieldRef } of items) {
    let text = '';
    if (fieldRef) text = fieldValue(facts, fieldRef.fieldPath);
    else if (resourceFieldRef) {
      const container = containersOf(facts.pod).find(({ name }) => name === resourceFieldRef.containerName);
      if (!container) throw new VolumeError(`container ${resourceFieldRef.containerName} not found`);
      text = resourceValue(facts, container, resourceFieldRef.resource, resourceFieldRef.divisor);
    }
    files.set(path, { data: Buffer.from(text), mode });
  }
  return files;
}
