/**
 * Pods that ask for a device tolerate the taint that keeps others off its nodes. Off by default. Upstream:
 * `admission/extendedresourcetoleration`.
 */
import type { Pod } from '../../api/core/v1/pod';
import { isExtendedResource } from '../../api/core/v1/pod/validation/resources';
import type { AdmissionPlugin } from './admission';
import { only } from './refusal';

export const extendedResourceToleration = (): AdmissionPlugin => ({
  name: 'ExtendedResourceToleration',
  operations: ['CREATE', 'UPDATE'],
  concerns: only('', 'pods'),
  admit({ object }) {
    const { spec } = object as Pod;
    if (!spec) return;
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const devices = new Set(
      containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {}).filter(isExtendedResource)),
    );
    for (const key of [...devices].sort()) {
      const tolerations = spec.tolerations ?? [];
      if (tolerations.some((each) => each.key === key && each.operator === 'Exists' && each.effect === 'NoSchedule')) {
        continue;
      }
      spec.tolerations = [...tolerations, { key, operator: 'Exists', effect: 'NoSchedule' }];
    }
  },
});
