import type { Pod } from '../../../../api/core/v1/pod';
import { admitAppArmor } from '../../../../kubelet/pods/app-armor';
import { container, podOf } from './pod-fixtures';

const asking = (type: string): Pod =>
  podOf({ initContainers: [container('init', { securityContext: { appArmorProfile: { type } } })] });

it.each<[what: string, pod: Pod, admitted: boolean]>([
  ['asks for nothing', podOf({}), true],
  ['wants no profile', asking('Unconfined'), true],
  ['wants one of the node', asking('Localhost'), false],
  ["wants the engine's", asking('RuntimeDefault'), false],
  ['wants it for all', podOf({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }), false],
])('a pod that %s', (_what, pod, admitted) => {
  const message = 'Cannot enforce AppArmor: AppArmor is not enabled on the host';
  const refusal = { phase: 'Failed', reason: 'AppArmor', message };
  expect(admitAppArmor(pod, { appArmor: false })).toEqual(admitted ? undefined : refusal);
  expect(admitAppArmor(pod, { appArmor: true })).toBeUndefined();
});
