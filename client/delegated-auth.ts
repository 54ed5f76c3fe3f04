/**
 * Authentication and authorization by asking the API server, for servers that are not it: the kubelet's API and every
 * component's metrics. Upstream: `apiserver/pkg/authentication/authenticatorfactory/delegating.go`.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { type TokenReview, tokenReviews } from '../api/authentication/v1/tokenreview';
import {
  type SubjectAccessReview,
  type SubjectAccessReviewSpec,
  subjectAccessReviews,
} from '../api/authorization/v1/subjectaccessreview';
import type { Clock } from '../component-base/clock';
import type { Refusal } from '../component-base/serving';
import type { RestClient } from './rest-client';

/** Who asks. */
export interface DelegatedUser {
  username: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

/** What for: a resource (`{ verb: 'get', resource: 'nodes', subresource: 'log', name }`) or a path. */
export type AccessAttributes = Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>;

export interface DelegatedAuth {
  /** By client certificate or bearer token; undefined when neither is there or good. Rejects when the API server is away. */
  authenticate(request: IncomingMessage): Promise<DelegatedUser | undefined>;
  authorize(user: DelegatedUser, attributes: AccessAttributes): Promise<{ allowed: boolean; reason: string }>;
}

export interface DelegatedAuthOptions {
  client: RestClient;
  clock: Clock;
  /** The kubelet's defaults: 2 min, 5 min, 30 s. */
  tokenTtlMs?: number;
  allowedTtlMs?: number;
  deniedTtlMs?: number;
}

const maxEntries = 4096;

/** Answers that are good for a while. Concurrent questions for one key share one answer. */
class TtlCache<V> {
  private readonly entries = new Map<string, { value: Promise<V>; expiresAt: number }>();

  constructor(private readonly clock: Clock) {}

  get(key: string, ttlOf: (value: V) => number, load: () => Promise<V>): Promise<V> {
    const known = this.entries.get(key);
    if (known && known.expiresAt > this.clock.now()) return known.value;
    if (this.entries.size >= maxEntries) this.entries.delete(this.entries.keys().next().value as string);
    const entry = { value: load(), expiresAt: Infinity };
    this.entries.set(key, entry);
    entry.value.then(
      (value) => (entry.expiresAt = this.clock.now() + ttlOf(value)),
      () => this.entries.delete(key),
    );
    return entry.value;
  }
}

/** The server must have been made with the client CA and `requestCert` (see `createServingTls`). */
export function createDelegatedAuth(options: DelegatedAuthOptions): DelegatedAuth {
  const { client, clock, tokenTtlMs = 120_000, allowedTtlMs = 300_000, deniedTtlMs = 30_000 } = options;
  const users = new TtlCache<DelegatedUser | undefined>(clock);
  const verdicts = new TtlCache<{ allowed: boolean; reason: string }>(clock);

  const reviewToken = async (token: string): Promise<DelegatedUser | undefined> => {
    const review = await client.create<TokenReview>(tokenReviews, { spec: { token } });
    const user = review.status?.user;
    if (!review.status?.authenticated || !user?.username) return undefined;
    return {
      username: user.username,
      groups: user.groups ?? [],
      ...(user.uid && { uid: user.uid }),
      ...(user.extra && { extra: user.extra }),
    };
  };

  return {
    async authenticate(request) {
      const byCertificate = certificateUser(request.socket as TLSSocket);
      if (byCertificate) return byCertificate;
      const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (!token) return undefined;
      return users.get(
        token,
        (user) => (user ? tokenTtlMs : Math.min(tokenTtlMs, 10_000)),
        () => reviewToken(token),
      );
    },
    authorize(user, attributes) {
      const { username, uid, groups, extra } = user;
      const spec: SubjectAccessReviewSpec = {
        user: username,
        groups,
        ...(uid && { uid }),
        ...(extra && { extra }),
        ...attributes,
      };
      return verdicts.get(
        JSON.stringify(spec),
        ({ allowed }) => (allowed ? allowedTtlMs : deniedTtlMs),
        async () => {
          const review = await client.create<SubjectAccessReview>(subjectAccessReviews, { spec });
          return { allowed: review.status?.allowed ?? false, reason: review.status?.reason ?? '' };
        },
      );
    },
  };
}

/** CN is the user, each O a group, when the handshake verified the certificate against the client CA. */
function certificateUser(socket: TLSSocket): DelegatedUser | undefined {
  if (!socket.encrypted || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  if (!subject?.CN) return undefined;
  const groups = subject.O === undefined ? [] : [subject.O].flat();
  return { username: subject.CN, groups: [...groups, 'system:authenticated'] };
}

/** For `startServing`: every path but health must be allowed to the caller, as RBAC's nonResourceURLs have it. */
export const authorizePaths =
  (auth: DelegatedAuth) =>
  async (request: IncomingMessage, path: string): Promise<Refusal | undefined> => {
    const credentials = request.headers.authorization !== undefined;
    const user = await auth.authenticate(request);
    if (!user && credentials) return { code: 401, message: 'Unauthorized' };
    const subject = user ?? { username: 'system:anonymous', groups: ['system:unauthenticated'] };
    const { allowed } = await auth.authorize(subject, { nonResourceAttributes: { path, verb: 'get' } });
    if (allowed) return undefined;
    return {
      code: 403,
      message: `forbidden: User ${JSON.stringify(subject.username)} cannot get path ${JSON.stringify(path)}`,
    };
  };
