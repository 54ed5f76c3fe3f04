/**
 * A Lease in kube-system for each API server alive, by which others know how many there are and which. Upstream:
 * `controlplane/apiserver/server.go` and `controller/apiserverleasegc`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Lease, leases } from '../../api/coordination/v1/lease';
import { selectorFromLabelSelector } from '../../api/meta/selectors';
import { isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { formatMicroTime } from '../../component-base/clock';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

const namespace = 'kube-system';
const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' };
const durationSeconds = 3600;
const renewMs = 10_000;
const collectMs = 3_600_000;

/** The same after a restart, and another for each server, also for two on one host. */
export const identityName = (host: string, address: string): string =>
  `apiserver-${createHash('sha256').update(`${host}/${address}`).digest('hex').slice(0, 26)}`;

export function serverIdentity(loopback: Loopback, address: string): ApiServerController {
  const host = hostname();
  const name = identityName(host, address);
  const holderIdentity = `${name}_${randomUUID()}`;
  return {
    name: 'start-kube-apiserver-identity-lease-controller',
    everyMs: renewMs,
    async start() {
      const spec = {
        holderIdentity,
        leaseDurationSeconds: durationSeconds,
        renewTime: formatMicroTime(loopback.clock.now()),
      };
      const own = { ...labels, 'kubernetes.io/hostname': host };
      await ensure(loopback, leases, { metadata: { name, namespace, labels: own }, spec }, (current) => {
        current.spec = spec;
        current.metadata = { ...current.metadata, labels: { ...current.metadata?.labels, ...own } };
      });
    },
  };
}

/** Nobody has renewed it for as long as it was good for. */
export const isExpired = ({ spec }: Lease, nowMs: number): boolean =>
  !spec?.renewTime || Date.parse(spec.renewTime) + (spec.leaseDurationSeconds ?? 0) * 1000 < nowMs;

/** Removes the leases of servers that are gone for good. */
export function serverIdentityCollector(loopback: Loopback): ApiServerController {
  const remove = async ({ metadata }: Stored<Lease>): Promise<void> => {
    try {
      const preconditions = { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
      await loopback.stores.of(leases).delete(loopback.context, namespace, metadata.name, { preconditions });
    } catch (error) {
      // Another server was first.
      if (!isNotFound(error)) throw error;
    }
  };
  return {
    name: 'start-kube-apiserver-identity-lease-garbage-collector',
    everyMs: collectMs,
    async start() {
      const { items } = await loopback.stores
        .of(leases)
        .list(loopback.context, { namespace, labels: selectorFromLabelSelector({ matchLabels: labels }) });
      for (const { object } of items) if (isExpired(object, loopback.clock.now())) await remove(object);
    },
  };
}
