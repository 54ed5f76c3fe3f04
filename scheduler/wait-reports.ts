/**
 * Tells, by events and by the PodScheduled condition, why pods have no node. A pod may be tried more often than its status
 * can be written: then it is written once at a time, and only the last of what was to be said meanwhile. Upstream:
 * `handleSchedulingFailure`, with SchedulerAsyncAPICalls.
 */
import type { Pod, PodCondition } from '../api/core/v1/pod';
import { isNotFound } from '../api/meta/status-error';
import { keyOf, type Stored } from '../api/meta/types';
import { newer } from '../client/newer';
import { formatTime } from '../component-base/clock';
import { type ActDeps, asPod, patchStatus } from './act';

export interface WaitReport {
  /** Unschedulable: no node fits. SchedulerError: something failed. */
  reason: 'Unschedulable' | 'SchedulerError';
  message: string;
  /** Where room is being made; '' takes an earlier nomination back. */
  nominatedNodeName?: string | undefined;
}

interface Written {
  /** The pod as the last write left it. */
  answer?: Stored<Pod> | undefined;
  writing?: boolean;
  /** Resolves when nothing is left to be written. */
  done?: Promise<void>;
  next?: { pod: Stored<Pod>; report: WaitReport } | undefined;
}

export class WaitReports {
  private readonly written = new WeakMap<object, Written>();

  constructor(private readonly deps: ActDeps) {}

  /**
   * `of` is what stands for the pod as long as it waits. Gives the pod with its new status, if that was written. Never
   * rejects.
   */
  async report(of: object, pod: Stored<Pod>, report: WaitReport): Promise<Stored<Pod> | undefined> {
    this.deps.recorder.event(asPod(pod), 'Warning', 'FailedScheduling', report.message.slice(0, 1024));
    const written = this.written.get(of) ?? {};
    this.written.set(of, written);
    // What an earlier report said of the nomination, and this one leaves as it is, still has to be said.
    const nominatedNodeName = report.nominatedNodeName ?? written.next?.report.nominatedNodeName;
    written.next = { pod, report: { ...report, nominatedNodeName } };
    if (!written.writing) written.done = this.write(written);
    await written.done;
    return written.answer;
  }

  private async write(written: Written): Promise<void> {
    written.writing = true;
    for (let { next } = written; next; { next } = written) {
      written.next = undefined;
      const pod = newer(next.pod, written.answer);
      const status = changeOf(pod, next.report, formatTime(this.deps.clock.now()));
      if (!status) continue;
      try {
        written.answer = await patchStatus(this.deps.client, pod, status);
      } catch (error) {
        if (!isNotFound(error)) this.deps.log.debug({ err: error, pod: keyOf(pod) }, 'Could not update the pod status');
      }
    }
    written.writing = false;
  }
}

/** What of the status is to be written; undefined when it says so already. */
function changeOf({ status }: Stored<Pod>, report: WaitReport, now: string): object | undefined {
  const { reason, message, nominatedNodeName } = report;
  const old = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const sameNode = nominatedNodeName === undefined || nominatedNodeName === (status?.nominatedNodeName ?? '');
  if (old?.status === 'False' && old.reason === reason && old.message === message && sameNode) return undefined;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: old?.status === 'False' && old.lastTransitionTime ? old.lastTransitionTime : now,
  };
  return { conditions: [condition], ...(!sameNode && { nominatedNodeName: nominatedNodeName || null }) };
}
