/**
 * Which API servers are alive: each keeps a record that expires unless it is renewed. Internal: stored, never served. Upstream:
 * `controlplane/reconcilers/lease.go` (`/registry/masterleases`).
 */
import { defineResource } from '../../api/meta/resource-definition';
import { isNotFound } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { Storage } from '../storage/storage';

export interface ServerLease extends KubeObject {
  address: string;
}

export const serverLeases = defineResource<ServerLease>({
  group: '',
  version: 'v1',
  kind: 'ServerLease',
  names: { plural: 'masterleases', singular: 'masterlease' },
  scope: 'Cluster',
  verbs: [],
});

const ttlSeconds = 15;

/** Renews the record of `address` and gives the addresses of all servers alive, as `serversAlive`. */
export async function renewServerLease(
  storage: Storage<ServerLease>,
  address: string,
  nowMs: number,
): Promise<string[]> {
  await storage.guaranteedUpdate(
    address,
    // The time makes every renewal a change, so that it is written and gets a new etcd lease.
    (current) => ({
      ...current,
      metadata: { ...current?.metadata, name: address, annotations: { renewed: String(nowMs) } },
      address,
    }),
    { ttlSeconds },
  );
  return serversAlive(storage);
}

/** The addresses of all servers alive, sorted. */
export async function serversAlive(storage: Storage<ServerLease>): Promise<string[]> {
  const { items } = await storage.list({ namespace: '' });
  return items.map((entry) => entry.object.address).sort();
}

/**
 * Ends the record of a server that shuts down, and gives the addresses of the others. The last one leaves its record to expire:
 * nobody is there to be told, and a write would only part clients from the history that they watch.
 */
export async function endServerLease(storage: Storage<ServerLease>, address: string): Promise<string[]> {
  const others = (await serversAlive(storage)).filter((other) => other !== address);
  if (!others.length) return others;
  await storage.delete(address).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  return others;
}
