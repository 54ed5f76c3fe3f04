/** Pods stay on a failed node for five minutes unless they say otherwise. Upstream: `admission/defaulttolerationseconds`. */
import type { Pod } from '../../api/core/v1/pod';
import type { AdmissionPlugin } from './admission';
import { only } from './refusal';

const keys = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const defaultSeconds = 300;

export const defaultTolerationSeconds = (): AdmissionPlugin => ({
  name: 'DefaultTolerationSeconds',
  operations: ['CREATE', 'UPDATE'],
  concerns: only('', 'pods'),
  admit(attributes) {
    const { spec } = attributes.object as Pod;
    if (!spec) return;
    const tolerations = spec.tolerations ?? [];
    const missing = keys.filter(
      (key) =>
        !tolerations.some(
          (toleration) =>
            (toleration.key === key || !toleration.key) && (!toleration.effect || toleration.effect === 'NoExecute'),
        ),
    );
    if (!missing.length) return;
    spec.tolerations = [
      ...tolerations,
      ...missing.map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: defaultSeconds,
      })),
    ];
  },
});
