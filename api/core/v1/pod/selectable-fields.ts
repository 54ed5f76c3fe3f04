/** Fields that `--field-selector` can match pods by. Upstream: ToSelectableFields in the pod strategy. */
import type { Pod } from './types';

export const podSelectableFields: Record<string, (pod: Pod) => string> = {
  'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
  'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
  'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
  'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
  'status.phase': (pod) => pod.status?.phase ?? '',
  'status.podIP': (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '',
  'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
};
