/** From `kubectl set image` until the rollout is complete, as `kubectl rollout status` understands it. */
import type { Deployment } from '../../api/apps/v1/deployment';
import { replicas } from './lab';
import { halfOfKubernetes, type Measurement, seconds } from './measurement';

const isComplete = ({ metadata, spec, status }: Deployment): boolean =>
  spec?.template.spec?.containers[0]?.image === 'kubelab/demo:v2' &&
  (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0) &&
  [status?.updatedReplicas, status?.replicas, status?.availableReplicas].every((count) => count === replicas);

export const rollingUpdate: Measurement = {
  name: 'rolling-update',
  title: 'rolling update of the 30, v1 to v2',
  kubernetes: [24, 30],
  goal: () => halfOfKubernetes(rollingUpdate),
  async run(lab) {
    await lab.ensureDeployment();
    return seconds(async () => {
      await lab.cluster.kubectl(['set', 'image', 'deployment/bench', 'demo=kubelab/demo:v2']);
      await lab.deployments.until('the rollout to complete', (list) => list.some(isComplete));
    });
  },
};
