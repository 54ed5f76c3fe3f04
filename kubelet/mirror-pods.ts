/** Mirror pods: the objects by which the API shows static pods (upstream pkg/kubelet/pod/mirror_client.go). */
import { type Pod, pods } from '../api/core/v1/pod';
import { isAlreadyExists, isNotFound } from '../api/meta/status-error';
import type { Informer } from '../client/informer';
import type { RestClient } from '../client/rest-client';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { isMirrorOf, isMirrorPod, mirrorPodOf } from './config/static-pods';

/**
 * How long a deleted mirror stays away. `kubectl delete` looks at its informer 100 ms after the deletion: a pod of the same
 * name that is there again by then, without a DELETED event seen, makes it wait for ever.
 */
const absenceMs = 1_000;

export interface MirrorPodsDeps {
  informer: Informer<Pod>;
  client: RestClient;
  clock: Clock;
  log: Logger;
  nodeUid(): string | undefined;
  staticPods(): Pod[];
}

export interface MirrorPods {
  /** One mirror for each static pod, of the same content; none without. Failures are logged, and repaired by the next. */
  sync(): Promise<void>;
  /** The watch told that a mirror is gone. */
  deleted(mirror: Pod): void;
}

export const podKeyOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

export function createMirrorPods({ informer, client, clock, log, nodeUid, staticPods }: MirrorPodsDeps): MirrorPods {
  const absent = new Set<string>();

  async function deleteStale(): Promise<void> {
    for (const mirror of informer.lister.list().filter(isMirrorPod)) {
      const own = staticPods().find((pod) => podKeyOf(pod) === podKeyOf(mirror));
      if (own && isMirrorOf(mirror, own) && !mirror.metadata.deletionTimestamp) continue;
      const { name, namespace, uid } = mirror.metadata;
      await client
        .delete(pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }
  }

  async function createMissing(): Promise<void> {
    for (const pod of staticPods()) {
      const key = podKeyOf(pod);
      if (informer.lister.get(key) || absent.has(key)) continue;
      await client.create(pods, mirrorPodOf(pod, nodeUid())).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    }
  }

  async function sync(): Promise<void> {
    try {
      await deleteStale();
      await createMissing();
    } catch (error) {
      log.warn({ err: error }, 'Keeping the mirror pods failed');
    }
  }

  return {
    sync,
    deleted(mirror) {
      const key = podKeyOf(mirror);
      absent.add(key);
      clock.after(absenceMs, () => {
        absent.delete(key);
        void sync();
      });
    },
  };
}
