/** Service account tokens of pods, requested from the API and renewed before they expire (pkg/kubelet/token). */
import type { Pod } from '../../api/core/v1/pod';
import { serviceAccounts } from '../../api/core/v1/serviceaccount';
import type { RestClient } from '../../client/rest-client';
import type { Clock } from '../../component-base/clock';

/** The current token of the pod's service account, bound to the pod. `audience` undefined is the API server's own. */
export type TokenRequester = (pod: Pod, audience: string | undefined, expirationSeconds: number) => Promise<string>;

interface TokenResponse {
  status?: { token?: string; expirationTimestamp?: string };
}

interface CachedToken {
  token: string;
  expiresMs: number;
  lifeMs: number;
}

const maxAgeMs = 24 * 3_600_000;
const jitterMs = 10_000;

/** Upstream: renewed at 80 % of its life, or when it is a day old. */
export const needsRenewal = ({ expiresMs, lifeMs }: CachedToken, nowMs: number): boolean => {
  const issuedMs = expiresMs - lifeMs;
  return nowMs - issuedMs > maxAgeMs || nowMs > expiresMs - lifeMs * 0.2 - jitterMs;
};

export interface TokenManager {
  request: TokenRequester;
  forget(podUid: string): void;
}

export function createTokenManager({ client, clock }: { client: RestClient; clock: Clock }): TokenManager {
  const cache = new Map<string, CachedToken>();

  async function request(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<string> {
    const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
    const account = pod.spec?.serviceAccountName ?? 'default';
    const key = `${uid}/${account}/${audience ?? ''}/${expirationSeconds}`;
    const known = cache.get(key);
    if (known && !needsRenewal(known, clock.now())) return known.token;
    try {
      const response = await client.createSubresource<TokenResponse>(serviceAccounts, account, namespace, 'token', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(audience && { audiences: [audience] }),
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      });
      const token = response.status?.token ?? '';
      const expiresMs =
        Date.parse(response.status?.expirationTimestamp ?? '') || clock.now() + expirationSeconds * 1000;
      cache.set(key, { token, expiresMs, lifeMs: expiresMs - clock.now() });
      return token;
    } catch (error) {
      // An old token serves as long as it is valid.
      if (known && known.expiresMs > clock.now()) return known.token;
      throw error;
    }
  }

  return {
    request,
    forget(podUid) {
      for (const key of cache.keys()) if (key.startsWith(`${podUid}/`)) cache.delete(key);
    },
  };
}
