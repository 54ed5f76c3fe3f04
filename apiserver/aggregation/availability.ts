/**
 * Whether the servers behind APIServices answer: the condition Available, looked at again when the Service or its endpoints
 * change and every half minute. Upstream: kube-aggregator `pkg/controllers/status/remote/remote_available_controller.go`.
 */
import { type ApiService, type ApiServiceCondition, apiServices } from '../../api/apiregistration/v1/apiservice';
import { type Service, services } from '../../api/core/v1/service';
import { type EndpointSlice, endpointSlices } from '../../api/discovery/v1/endpointslice';
import { cloneJson } from '../../api/meta/json';
import { isConflict, isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import type { Loopback } from '../registry/loopback';
import { addressesOf, createSliceLookup, serviceNameLabel } from '../service-resolver';
import type { ExtensionServers } from './extension-server';

export type Verdict = Pick<ApiServiceCondition, 'status' | 'reason' | 'message'>;

const periodMs = 30_000;
/** While it is away, it is looked for more often. */
const retryMs = 1_000;
const maxRetryMs = 10_000;

/** What the Service itself says against it; undefined: ask the server. Pure. */
export function serviceProblem(
  { spec }: ApiService,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Verdict | undefined {
  const { name, namespace, port = 443 } = spec?.service ?? {};
  const where = `service/${name} in "${namespace}"`;
  const no = (reason: string, message: string): Verdict => ({ status: 'False', reason, message });
  if (!service) return no('ServiceNotFound', `${where} is not present`);
  if (service.spec?.type === 'ExternalName') return undefined;
  const servicePort = service.spec?.ports?.find((candidate) => candidate.port === port);
  if (!servicePort) return no('ServicePortError', `${where} is not listening on port ${port}`);
  if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpoints for ${where}`);
  if (addressesOf(service, slices, port).length > 0) return undefined;
  const portName = JSON.stringify(servicePort.name ?? '');
  return no('MissingEndpoints', `endpoints for ${where} have no addresses with port name ${portName}`);
}

const availableOf = ({ status }: ApiService): ApiServiceCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Available');

/** What a check depends on, and what it gave. */
const looksOf = (apiService: ApiService): unknown[] => [apiService.spec, availableOf(apiService)];

/** Asks the server for its discovery document. */
export async function discoveryVerdict(servers: ExtensionServers, apiService: Stored<ApiService>): Promise<Verdict> {
  const { group, version } = apiService.spec ?? {};
  const path = `/apis/${group}/${version}`;
  const no = (message: string): Verdict => ({ status: 'False', reason: 'FailedDiscoveryCheck', message });
  try {
    const { hostHeader } = servers.backendOf(apiService);
    const { code } = await servers.getJson(apiService, path);
    // Upstream: anonymous discovery may be refused, which still shows that somebody serves.
    if ((code >= 200 && code < 300) || code === 401 || code === 403) {
      return { status: 'True', reason: 'Passed', message: 'all checks passed' };
    }
    return no(`failing or missing response from https://${hostHeader}${path}: bad status: ${code}`);
  } catch (error) {
    const { name, namespace } = apiService.spec?.service ?? {};
    const reason = error instanceof Error ? error.message : String(error);
    return no(`failing or missing response from https://${name}.${namespace}.svc${path}: ${reason}`);
  }
}

/** Follows all APIServices until the loopback's signal aborts. */
export function followAvailability(loopback: Loopback, servers: ExtensionServers): void {
  const { clock, log, signal } = loopback;
  const all = loopback.view(apiServices);
  const serviceView = loopback.view(services);
  const slices = loopback.view(endpointSlices);
  const failures = new Map<string, number>();
  const timers = new Map<string, () => void>();
  const busy = new Map<string, { again: boolean }>();

  const slicesOf = createSliceLookup(loopback);

  async function write(apiService: Stored<ApiService>, verdict: Verdict): Promise<void> {
    const { name } = apiService.metadata;
    await loopback.stores.of(apiServices).update(
      loopback.context,
      '',
      name,
      (current) => {
        // Gone, or made anew: the watch tells.
        if (current?.metadata.uid !== apiService.metadata.uid) return undefined as never;
        const next = cloneJson(current);
        const known = availableOf(next);
        const others = next.status?.conditions?.filter(({ type }) => type !== 'Available') ?? [];
        const since = known?.status === verdict.status ? known.lastTransitionTime : undefined;
        const lastTransitionTime = since ?? new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
        next.status = {
          ...next.status,
          conditions: [...others, { type: 'Available', ...verdict, lastTransitionTime }],
        };
        return next;
      },
      { subresource: 'status' },
    );
  }

  async function check(name: string): Promise<void> {
    const apiService = all.get(name);
    const target = apiService?.spec?.service;
    if (!apiService || !target) return void failures.delete(name);
    const { namespace = '', name: serviceName = '' } = target;
    const verdict =
      serviceProblem(apiService, serviceView.get(`${namespace}/${serviceName}`), slicesOf(namespace, serviceName)) ??
      (await discoveryVerdict(servers, apiService));
    const known = availableOf(apiService);
    const same =
      known?.status === verdict.status && known.reason === verdict.reason && known.message === verdict.message;
    if (!same) await write(apiService, verdict);
    const count = verdict.status === 'True' ? 0 : (failures.get(name) ?? 0) + 1;
    failures.set(name, count);
    schedule(name, count ? Math.min(retryMs * 2 ** (count - 1), maxRetryMs) : periodMs);
  }

  function schedule(name: string, delayMs: number): void {
    timers.get(name)?.();
    timers.set(
      name,
      clock.after(delayMs, () => kick(name)),
    );
  }

  function kick(name: string): void {
    if (signal.aborted) return;
    const running = busy.get(name);
    if (running) return void (running.again = true);
    const state = { again: false };
    busy.set(name, state);
    check(name)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        if (!isConflict(error) && !isNotFound(error))
          log.warn({ err: error, apiService: name }, 'availability check failed');
        schedule(name, retryMs);
      })
      .finally(() => {
        busy.delete(name);
        if (state.again) kick(name);
      });
  }

  const kickAllOf = (namespace: string | undefined, service: string | undefined): void => {
    for (const { metadata, spec } of all.list()) {
      if (spec?.service?.name === service && spec?.service?.namespace === namespace) kick(metadata.name);
    }
  };
  const followService = ({ metadata }: Stored<Service>): void => kickAllOf(metadata.namespace, metadata.name);
  const followSlice = ({ metadata }: Stored<EndpointSlice>): void =>
    kickAllOf(metadata.namespace, metadata.labels?.[serviceNameLabel]);
  all.addHandler({
    add: ({ metadata }) => kick(metadata.name),
    // Also when somebody else wrote the condition.
    update: (next, old) => {
      if (JSON.stringify(looksOf(next)) !== JSON.stringify(looksOf(old))) kick(next.metadata.name);
    },
    delete: ({ metadata }) => {
      timers.get(metadata.name)?.();
      timers.delete(metadata.name);
      failures.delete(metadata.name);
    },
  });
  serviceView.addHandler({ add: followService, update: followService, delete: followService });
  slices.addHandler({ add: followSlice, update: followSlice, delete: followSlice });
  signal.addEventListener('abort', () => timers.forEach((cancel) => cancel()), { once: true });
}
