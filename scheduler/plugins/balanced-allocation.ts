/** Prefers nodes whose CPU and memory would be used to a similar degree. */
import { maxNodeScore, type Plugin } from '../framework';

export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  /** A pod that requests nothing changes no balance. */
  prepareScore: ({ requests }) => (requests['cpu'] || requests['memory'] ? true : undefined),
  score(_state, pod, node) {
    const fractions = ['cpu', 'memory']
      .filter((name) => (node.allocatable[name] ?? 0) > 0)
      .map((name) =>
        Math.min(1, ((node.requested[name] ?? 0) + (pod.requests[name] ?? 0)) / (node.allocatable[name] ?? 1)),
      );
    const [first = 0, second = first] = fractions;
    return Math.floor((1 - Math.abs(first - second) / 2) * maxNodeScore);
  },
};
