/** From `kubectl apply` of the deployment until every pod has passed its readiness probe. */
import { halfOfKubernetes, type Measurement, seconds } from './measurement';

const probePeriod = 1;

export const apply: Measurement = {
  name: 'apply',
  title: 'apply of 30 replicas to all Ready',
  kubernetes: [21, 25],
  floor: 'start',
  goal: (floor) => Math.min(halfOfKubernetes(apply), floor ? 1.3 * floor.start + probePeriod : Infinity),
  run: (lab) => seconds(() => lab.applyDeployment()),
};
