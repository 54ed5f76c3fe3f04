/** What the workers know of one pod. */
import type { Pod } from '../api/core/v1/pod';
import type { WaitingReason } from './pods/compute-pod-status';
import type { PodIdentity, Verdict } from './pods/sync-pod';
import type { TerminationDeadline } from './pods/termination-deadline';

export interface Worker {
  identity: PodIdentity;
  pod: Pod | undefined;
  stage: 'sync' | 'terminating' | 'terminated';
  /** The API (or the manifest folder) no longer has it. */
  removed: boolean;
  /** A static pod came back under its UID before its end: it starts once nothing is left of this one. */
  successor?: Pod;
  /** The node did not take it. */
  refused: boolean;
  verdict?: Verdict;
  evictionGraceSeconds?: number;
  reasons: Map<string, WaitingReason>;
  busy: boolean;
  again: boolean;
  abort: AbortController;
  deadline?: TerminationDeadline;
  cancelTimer(): void;
  failures: number;
  /** Its containers and volumes are gone. */
  cleaned: boolean;
}

export const newWorker = (identity: PodIdentity, pod: Pod | undefined): Worker => ({
  identity,
  pod,
  stage: 'sync',
  removed: false,
  refused: false,
  reasons: new Map(),
  busy: false,
  again: false,
  abort: new AbortController(),
  cancelTimer: () => undefined,
  failures: 0,
  cleaned: false,
});
