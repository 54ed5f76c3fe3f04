/** Named health checks behind `/healthz`, `/livez` and `/readyz`, with the texts of apiserver `pkg/server/healthz`. */

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz';

/** Throws, or rejects, when unhealthy. */
export type HealthCheck = () => void | Promise<void>;

export interface HealthAnswer {
  code: number;
  body: string;
}

export interface Health {
  /** Adds a check to the given endpoints; by default to all three. */
  add(name: string, check: HealthCheck, endpoints?: readonly HealthEndpoint[]): void;
  /** Answers `/healthz`, `/livez/ping`, `/readyz?verbose&exclude=etcd`, …; undefined for any other path. */
  handle(url: string): Promise<HealthAnswer | undefined>;
}

const endpointNames: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz'];

export interface HealthOptions {
  /** Told why a check failed: the answer withholds the reason, as upstream does. */
  onFailure?(endpoint: HealthEndpoint, check: string, error: unknown): void;
}

/** Starts with the check `ping`, which always passes. */
export function createHealth(options: HealthOptions = {}): Health {
  const checks = new Map<HealthEndpoint, Map<string, HealthCheck>>(endpointNames.map((name) => [name, new Map()]));
  const health: Health = {
    add(name, check, endpoints = endpointNames) {
      for (const endpoint of endpoints) checks.get(endpoint)?.set(name, check);
    },
    async handle(url) {
      const { pathname, searchParams } = new URL(url, 'http://localhost');
      const [, endpoint, ...rest] = pathname.split('/');
      const single = rest.join('/');
      const named = checks.get(endpoint as HealthEndpoint);
      if (!named) return undefined;
      if (single) {
        const check = named.get(single);
        if (!check) return undefined;
        return (await run(endpoint as HealthEndpoint, single, check))
          ? { code: 200, body: 'ok' }
          : { code: 500, body: `internal server error: reason withheld\n` };
      }
      const excluded = new Set(searchParams.getAll('exclude'));
      return answer(endpoint as HealthEndpoint, named, excluded, searchParams.has('verbose'));
    },
  };

  async function run(endpoint: HealthEndpoint, name: string, check: HealthCheck): Promise<boolean> {
    try {
      await check();
      return true;
    } catch (error) {
      options.onFailure?.(endpoint, name, error);
      return false;
    }
  }

  async function answer(
    endpoint: HealthEndpoint,
    named: ReadonlyMap<string, HealthCheck>,
    excluded: ReadonlySet<string>,
    verbose: boolean,
  ): Promise<HealthAnswer> {
    const lines = await Promise.all(
      [...named].map(async ([name, check]) => {
        if (excluded.has(name)) return { ok: true, text: `[+]${name} excluded: ok` };
        const ok = await run(endpoint, name, check);
        return { ok, text: ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld` };
      }),
    );
    const unknown = [...excluded].filter((name) => !named.has(name));
    const notes = unknown.length
      ? [
          `warn: some health checks cannot be excluded: no matches for ${unknown.map((n) => JSON.stringify(n)).join(', ')}`,
        ]
      : [];
    const details = [...lines.map(({ text }) => text), ...notes].join('\n');
    if (!lines.every(({ ok }) => ok)) return { code: 500, body: `${details}\n${endpoint} check failed\n` };
    return { code: 200, body: verbose ? `${details}\n${endpoint} check passed\n` : 'ok' };
  }

  health.add('ping', () => {});
  return health;
}
