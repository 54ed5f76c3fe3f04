/**
 * Which API servers are alive: each keeps a record that expires unless it is renewed. Internal: stored, never served. Upstream:
 * `controlplane/reconcilers/lease.go` (`/registry/masterleases`).
 */
import { defineResource } from '../../api/meta/resource-definition';
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

/** Renews the record of `address` and gives the addresses of all servers alive, sorted. */
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
  const { items } = await storage.list({ namespace: '' });
  return items.map((entry) => entry.object.address).sort();
}
