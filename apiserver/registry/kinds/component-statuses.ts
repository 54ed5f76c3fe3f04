/**
 * How etcd, the scheduler and the controller manager are. Upstream asks ports of its own host; here the components may be
 * anywhere, so the Lease by which they lead tells whether one of them is at work.
 */
import type { ComponentStatus } from '../../../api/core/v1/componentstatus';
import { type Lease, leases } from '../../../api/coordination/v1/lease';
import { isNotFound } from '../../../api/meta/status-error';
import type { Loopback } from '../loopback';

/** Resolves to what is good, rejects with what is not. */
type Check = () => Promise<string>;

const leaseNamespace = 'kube-system';

/** Throws what is wrong with a leader that should have renewed its lease by now. */
function checkLeader({ spec }: Lease, nowMs: number): void {
  if (!spec?.holderIdentity) throw new Error('nobody leads');
  const silentMs = nowMs - Date.parse(spec.renewTime ?? '');
  if (!(silentMs <= (spec.leaseDurationSeconds ?? 0) * 1000)) {
    throw new Error(`the leader ${spec.holderIdentity} did not renew its lease since ${spec.renewTime ?? 'ever'}`);
  }
}

const leaderCheck =
  ({ stores, context, clock }: Loopback, name: string): Check =>
  async () => {
    const entry = await stores
      .of(leases)
      .get(context, leaseNamespace, name)
      .catch((error: unknown) => {
        throw isNotFound(error) ? new Error('nobody ever led') : error;
      });
    checkLeader(entry.object, clock.now());
    return 'ok';
  };

async function statusOf(name: string, check: Check): Promise<ComponentStatus> {
  const condition = await check().then(
    (message) => ({ type: 'Healthy', status: 'True', message }),
    (error: unknown) => ({ type: 'Healthy', status: 'False', message: (error as Error).message }),
  );
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
}

/** In the order of their names. */
export const computeComponentStatuses =
  (deps: { loopback: Loopback; checkEtcd(): Promise<void> }) => (): Promise<ComponentStatus[]> =>
    Promise.all([
      statusOf('controller-manager', leaderCheck(deps.loopback, 'kube-controller-manager')),
      statusOf('etcd-0', async () => {
        await deps.checkEtcd();
        return 'ok';
      }),
      statusOf('scheduler', leaderCheck(deps.loopback, 'kube-scheduler')),
    ]);
