/** From SIGKILL of a container, behind the kubelet's back, until its pod is Ready again with one restart more. */
import type { Pod } from '../../api/core/v1/pod';
import { isLiveAndReady } from './lab';
import { halfOfKubernetes, type Measurement, median, seconds } from './measurement';

const restartsOf = (pod: Pod | undefined): number => pod?.status?.containerStatuses?.[0]?.restartCount ?? 0;

export const containerKill: Measurement = {
  name: 'container-kill',
  title: 'container kill to Ready',
  kubernetes: [2.2, 2.8],
  goal: () => halfOfKubernetes(containerKill),
  async run(lab) {
    await lab.ensureDeployment();
    // Another pod each time: a second restart of the same one would wait for its back-off.
    const victims = lab.pods.list().filter((pod) => isLiveAndReady(pod) && restartsOf(pod) === 0);
    return median(3, async (n) => {
      const victim = victims[n];
      const id = victim?.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '');
      if (!victim || !id) throw new Error('no container to kill');
      return seconds(async () => {
        await lab.engine.kill(id);
        await lab.pods.until('the pod to be Ready again', (list) => {
          const pod = list.find(({ metadata }) => metadata.uid === victim.metadata.uid);
          return Boolean(pod && restartsOf(pod) > 0 && isLiveAndReady(pod));
        });
      });
    });
  },
};
