/** From `kubectl delete deployment` until the engine has no container of its pods any more. */
import { type Measurement, median, seconds } from './measurement';

/** What is left of starting the pods, such as their events, is not part of their end. */
const settleMs = 3_000;

export const deleteAll: Measurement = {
  name: 'delete-all',
  title: 'delete of all until no container is left',
  kubernetes: [2.3, 2.3],
  floor: 'remove',
  goal: (floor) => floor && 1.5 * floor.remove,
  async run(lab) {
    return median(3, async () => {
      await lab.ensureDeployment();
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      // The engine tells the end: informers would only be more work for the machine that is measured.
      lab.disconnect();
      const result = await seconds(async () => {
        await lab.cluster.kubectl(['delete', 'deployment', 'bench', '--wait=false']);
        await lab.untilNoContainers();
      });
      await lab.connect();
      return result;
    });
  },
};
