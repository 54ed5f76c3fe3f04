/** From `kubectl delete deployment` until the engine has no container of its pods any more. */
import { type Measurement, seconds } from './measurement';

export const deleteAll: Measurement = {
  name: 'delete-all',
  title: 'delete of all until no container is left',
  kubernetes: [2.3, 2.3],
  floor: 'remove',
  goal: (floor) => floor && 1.5 * floor.remove,
  async run(lab) {
    await lab.ensureDeployment();
    return seconds(async () => {
      await lab.cluster.kubectl(['delete', 'deployment', 'bench', '--wait=false']);
      await lab.untilNoContainers();
    });
  },
};
