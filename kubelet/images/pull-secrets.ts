/** Credentials from imagePullSecrets (pkg/credentialprovider), those that match the image's registry and path. */
import type { Secret } from '../../api/core/v1/secret';
import type { RegistryAuth } from '../runtime/runtime';
import { registryOf } from './image-reference';

interface AuthEntry {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
}

/** Credentials for the image, the most specific first. */
export function credentialsFor(image: string, secrets: readonly Secret[]): RegistryAuth[] {
  const found: { length: number; auth: RegistryAuth }[] = [];
  for (const secret of secrets) {
    for (const [server, entry] of Object.entries(entriesOf(secret))) {
      if (!matches(server, image)) continue;
      found.push({ length: server.length, auth: { ...decode(entry), serveraddress: server } });
    }
  }
  return found.sort((a, b) => b.length - a.length).map(({ auth }) => auth);
}

function entriesOf(secret: Secret): Record<string, AuthEntry> {
  const read = (key: string): Record<string, unknown> => {
    try {
      return JSON.parse(Buffer.from(secret.data?.[key] ?? '', 'base64').toString() || '{}') as Record<string, unknown>;
    } catch {
      return {};
    }
  };
  if (secret.type === 'kubernetes.io/dockerconfigjson') {
    return (read('.dockerconfigjson')['auths'] ?? {}) as Record<string, AuthEntry>;
  }
  return secret.type === 'kubernetes.io/dockercfg' ? (read('.dockercfg') as Record<string, AuthEntry>) : {};
}

function decode({ username, password, auth, identitytoken }: AuthEntry): RegistryAuth {
  if (username !== undefined) return { username, password: password ?? '', ...(identitytoken && { identitytoken }) };
  const [user = '', ...rest] = Buffer.from(auth ?? '', 'base64')
    .toString()
    .split(':');
  return { username: user, password: rest.join(':'), ...(identitytoken && { identitytoken }) };
}

const dockerHub = new Set(['index.docker.io', 'registry-1.docker.io', 'docker.io']);

/** `https://host/v1/`, `host:port`, `host/path`, and `*.host` for one level. */
function matches(server: string, image: string): boolean {
  const [host = '', ...path] = server
    .replace(/^https?:\/\//, '')
    .replace(/\/(v[12]\/?)?$/, '')
    .split('/');
  const registry = registryOf(image);
  const sameHost =
    host === registry ||
    (dockerHub.has(host) && dockerHub.has(registry)) ||
    (host.startsWith('*.') && registry.endsWith(host.slice(1)) && !registry.slice(0, -host.length + 1).includes('.'));
  const rest = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  return sameHost && rest.startsWith(path.filter(Boolean).join('/'));
}
