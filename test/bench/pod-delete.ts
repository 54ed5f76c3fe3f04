/** From `kubectl delete pod` until the pod that replaces it is Ready. */
import { isLiveAndReady, replicas } from './lab';
import { halfOfKubernetes, type Measurement, median, seconds } from './measurement';

export const podDelete: Measurement = {
  name: 'pod-delete',
  title: 'pod delete to replacement Ready',
  kubernetes: [2.1, 2.9],
  goal: () => halfOfKubernetes(podDelete),
  async run(lab) {
    await lab.ensureDeployment();
    return median(3, async () => {
      await lab.pods.until('all Ready', (list) => list.length === replicas && list.every(isLiveAndReady));
      const before = new Set(lab.pods.list().map(({ metadata }) => metadata.uid));
      const [victim] = lab.pods.list();
      return seconds(async () => {
        await lab.cluster.kubectl(['delete', 'pod', victim?.metadata.name ?? '', '--wait=false']);
        await lab.pods.until('the replacement to be Ready', (list) =>
          list.some((pod) => !before.has(pod.metadata.uid) && isLiveAndReady(pod)),
        );
      });
    });
  },
};
