/**
 * Tells the API how pods are, in the background: versioned, the latest wins, only the parts that changed and that are the
 * kubelet's, and at the end of a deleted pod's life the deletion of its object (upstream pkg/kubelet/status).
 */
import { type Pod, pods, type PodStatus } from '../api/core/v1/pod';
import { deepEqual } from '../api/meta/json';
import { isConflict, isNotFound } from '../api/meta/status-error';
import type { Stored } from '../api/meta/types';
import { newer } from '../client/newer';
import type { RestClient } from '../client/rest-client';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { isStaticPod } from './config/static-pods';
import { statusPatch } from './pods/status-patch';

export interface StatusManager {
  /** The pod's status as the kubelet sees it; sent when it differs from what the API has. */
  set(pod: Pod, status: PodStatus): void;
  get(uid: string): PodStatus | undefined;
  /** Nothing of the pod is left on the node: its object is deleted once its last status is there. */
  finish(pod: Pod): void;
  /** The API's object changed or is gone. */
  observe(uid: string): void;
  forget(uid: string): void;
  /** Sends what waits; for shutdown and tests. */
  flush(): Promise<void>;
}

interface Entry {
  pod: Pod;
  status: PodStatus;
  version: number;
  sentVersion: number;
  sentStatus?: PodStatus;
  /** Not before then; 0 for at once. */
  sendAtMs: number;
  /** The object that got it: a static pod's mirror may be deleted and made again. */
  sentTo?: string;
  finished: boolean;
  /** What the API answered last: the watch may be behind it. */
  answered?: Stored<Pod>;
  busy?: Promise<void>;
  /** Somebody asked while it was busy. */
  again?: boolean;
  failures: number;
  cancelRetry(): void;
}

export interface StatusManagerDeps {
  client: RestClient;
  clock: Clock;
  log: Logger;
  /** The API's latest object for a pod (the mirror pod for a static one); undefined when there is none. */
  current(pod: Pod): Stored<Pod> | undefined;
}

/** Which generation the kubelet has seen is told with the next thing there is to tell, or after this long. */
const generationWaitsMs = 1_000;

/** All of a status but which generation it is of. */
function withoutGenerations({ observedGeneration: _seen, ...status }: PodStatus): PodStatus {
  const conditions = status.conditions?.map(({ observedGeneration: _of, ...condition }) => condition);
  return { ...status, ...(conditions && { conditions }) };
}

const newEntry = (pod: Pod, status: PodStatus): Entry => ({
  pod,
  status,
  version: 0,
  sentVersion: 0,
  sendAtMs: 0,
  finished: false,
  failures: 0,
  cancelRetry: () => undefined,
});

export function createStatusManager({ client, clock, log, current }: StatusManagerDeps): StatusManager {
  const entries = new Map<string, Entry>();

  function kick(uid: string): void {
    const entry = entries.get(uid);
    if (!entry) return;
    if (entry.busy) {
      entry.again = true;
      return;
    }
    entry.again = false;
    entry.cancelRetry();
    const waitMs = entry.finished ? 0 : entry.sendAtMs - clock.now();
    if (waitMs > 0) {
      entry.cancelRetry = clock.after(waitMs, () => kick(uid));
      return;
    }
    entry.busy = sendAll(uid, entry).then((sent) => {
      delete entry.busy;
      if (entries.get(uid) !== entry) return;
      // What came meanwhile may be the object that this one was waiting for.
      if (entry.again || (sent && entry.version !== entry.sentVersion)) kick(uid);
    });
  }

  /** False when there is nobody to tell, or it failed: the watch or the retry brings us back, never this loop. */
  async function sendAll(uid: string, entry: Entry): Promise<boolean> {
    try {
      const { version, status } = entry;
      const target = current(entry.pod);
      // A pod that was deleted by force, or a static one whose mirror is not there yet.
      if (!target) return false;
      const isAnother = entry.sentTo !== undefined && entry.sentTo !== target.metadata.uid;
      if (isAnother || version !== entry.sentVersion) await send(entry, newer(target, entry.answered));
      entry.sentVersion = version;
      entry.sentStatus = status;
      if (version === entry.version) entry.sendAtMs = 0;
      entry.sentTo = target.metadata.uid;
      entry.failures = 0;
      if (entry.finished && version === entry.version) await remove(uid, target);
      return true;
    } catch (error) {
      if (isNotFound(error)) {
        if (!isStaticPod(entry.pod)) entries.delete(uid);
        return false;
      }
      entry.failures += 1;
      const delayMs = Math.min(250 * 2 ** entry.failures, 10_000);
      log.debug({ err: error, pod: entry.pod.metadata?.name, retryMs: delayMs }, 'Sending a pod status failed');
      entry.cancelRetry = clock.after(delayMs, () => kick(uid));
      return false;
    }
  }

  async function send(entry: Entry, target: Stored<Pod>): Promise<void> {
    const patch = statusPatch(target, entry.status);
    if (!patch) return;
    const { name, namespace } = target.metadata;
    entry.answered = await client.patch(pods, name, namespace, patch, { type: 'strategic', subresource: 'status' });
  }

  async function remove(uid: string, target: Stored<Pod>): Promise<void> {
    if (!target.metadata.deletionTimestamp) return;
    const { name, namespace, uid: apiUid } = target.metadata;
    try {
      await client.delete(pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid: apiUid } });
    } catch (error) {
      // Another pod of the same name is there already: ours is gone.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    entries.delete(uid);
  }

  return {
    set(pod, status) {
      const uid = pod.metadata?.uid ?? '';
      const known = entries.get(uid);
      if (known) {
        known.pod = pod;
        if (deepEqual(known.status, status)) return;
        const isNews =
          !known.sentStatus || !deepEqual(withoutGenerations(known.sentStatus), withoutGenerations(status));
        if (isNews) known.sendAtMs = 0;
        else known.sendAtMs ||= clock.now() + generationWaitsMs;
        known.status = status;
        known.version += 1;
      } else {
        entries.set(uid, { ...newEntry(pod, status), version: 1 });
      }
      kick(uid);
    },
    get: (uid) => entries.get(uid)?.status,
    finish(pod) {
      const uid = pod.metadata?.uid ?? '';
      const entry = entries.get(uid) ?? newEntry(pod, pod.status ?? {});
      entry.finished = true;
      entries.set(uid, entry);
      kick(uid);
    },
    observe: (uid) => kick(uid),
    forget(uid) {
      entries.get(uid)?.cancelRetry();
      entries.delete(uid);
    },
    async flush() {
      await Promise.all([...entries.values()].map(({ busy }) => busy));
    },
  };
}
