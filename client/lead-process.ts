/** Runs a process' work as the leader that its flags ask for: what the scheduler and the controller manager share. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { defineFlags, type FlagValues } from '../component-base/flags';
import type { ProcessContext } from '../component-base/run-process';
import type { EventRecorder } from './event-recorder';
import { runLeaderElection } from './leader-election';
import type { RestClient } from './rest-client';

/** Upstream's `--leader-elect…` flags, for a lease of the given name. */
export const leaderElectFlags = (leaseName: string) =>
  defineFlags({
    'leader-elect': { type: 'bool', default: true, help: 'Lead only while holding the lease.' },
    'leader-elect-identity': {
      type: 'string',
      help: 'Identity in the lease. One that stays the same takes up its lease again at once. Default: host name and a random part.',
    },
    'leader-elect-lease-duration': {
      type: 'duration',
      default: '15s',
      help: 'How long others wait for a silent leader.',
    },
    'leader-elect-renew-deadline': { type: 'duration', default: '10s', help: 'How long a leader tries to renew.' },
    'leader-elect-retry-period': { type: 'duration', default: '2s', help: 'Time between tries to acquire or renew.' },
    'leader-elect-resource-name': { type: 'string', default: leaseName, help: 'Name of the lease.' },
    'leader-elect-resource-namespace': { type: 'string', default: 'kube-system', help: 'Namespace of the lease.' },
  });

type Values = FlagValues<ReturnType<typeof leaderElectFlags>>;

export interface LeadDeps {
  client: RestClient;
  recorder: EventRecorder;
  /** The work; its signal aborts when the lease is lost. */
  lead(signal: AbortSignal): Promise<void>;
}

/** Resolves when the process is told to stop; rejects when the lease is lost. */
export async function leadProcess(
  values: Values,
  { clock, log, signal }: ProcessContext,
  deps: LeadDeps,
): Promise<void> {
  if (!values.leaderElect) return deps.lead(signal);
  await runLeaderElection({
    ...deps,
    clock,
    log,
    signal,
    identity: values.leaderElectIdentity || `${hostname()}_${randomUUID()}`,
    name: values.leaderElectResourceName,
    namespace: values.leaderElectResourceNamespace,
    leaseDurationMs: values.leaderElectLeaseDuration,
    renewDeadlineMs: values.leaderElectRenewDeadline,
    retryPeriodMs: values.leaderElectRetryPeriod,
  });
}
