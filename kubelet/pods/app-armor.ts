/** Whether the node can enforce the AppArmor profiles that a pod asks for (upstream pkg/security/apparmor). Pure. */
import type { Container, Pod } from '../../api/core/v1/pod';
import { appArmorProfileOf } from '../runtime/app-armor';
import { rejected } from './admission';
import type { Verdict } from './sync-pod';

/** Undefined admits. Only a pod that asks for a profile needs a host that has them. */
export function admitAppArmor(pod: Pod, { appArmor }: { appArmor: boolean }): Verdict | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers] as Container[];
  const asks = all.some((container) => (appArmorProfileOf(pod, container)?.type ?? 'Unconfined') !== 'Unconfined');
  if (appArmor || !asks) return undefined;
  return rejected('AppArmor', 'Cannot enforce AppArmor: AppArmor is not enabled on the host');
}
