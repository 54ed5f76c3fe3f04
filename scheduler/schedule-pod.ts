/** One scheduling decision: a node, or why there is none. Pure. Upstream: `schedulePod` in `schedule_one.go`. */
import { findFeasible, prepareFilters } from './filters';
import { type ClusterView, fitErrorMessage, type Plugin, scoreNodes, selectHost } from './framework';
import type { NodeInfo, PodInfo } from './node-info';
import { planPreemption, type PreemptionInput, type PreemptionPlan } from './preemption';

export type Decision =
  | { action: 'bind'; nodeName: string }
  | {
      action: 'wait';
      message: string;
      /** Whose events may help. */
      plugins: ReadonlySet<string>;
      preemption?: PreemptionPlan;
      /** Where room is made for it; '' for nowhere, undefined to leave it as it was. */
      nominatedNodeName: string | undefined;
    };

export interface DecisionInput extends Omit<PreemptionInput, 'rejections' | 'filters'> {
  plugins: readonly Plugin[];
  view: ClusterView;
  random(): number;
}

export function schedulePod(input: DecisionInput): Decision {
  const { pod, nodes, plugins, view, random } = input;
  const all = new Set(plugins.map(({ name }) => name));
  if (nodes.length === 0)
    return { action: 'wait', message: 'no nodes available to schedule pods', plugins: all, nominatedNodeName: '' };
  const filters = prepareFilters(plugins, pod, nodes, view);
  const { nodes: fitting, diagnosis } = findFeasible(filters, nodes, input.nominatedOn);
  const chosen = preferNominated(pod, fitting) ?? pickBest(plugins, pod, fitting, nodes, view, random);
  if (chosen) return { action: 'bind', nodeName: chosen.node.metadata.name };
  const planned = planPreemption({ ...input, filters, rejections: diagnosis.rejections });
  if ('message' in planned) {
    const message = fitErrorMessage(diagnosis, nodes.length, `preemption: ${planned.message}`);
    const nominatedNodeName = planned.keepNomination ? undefined : '';
    return { action: 'wait', message, plugins: diagnosis.plugins, nominatedNodeName };
  }
  const message = fitErrorMessage(diagnosis, nodes.length);
  return {
    action: 'wait',
    message,
    plugins: diagnosis.plugins,
    preemption: planned,
    nominatedNodeName: planned.nodeName,
  };
}

/** Room was made for the pod on this node: it goes there if it fits. */
const preferNominated = ({ pod }: PodInfo, fitting: readonly NodeInfo[]): NodeInfo | undefined =>
  fitting.find(({ node }) => node.metadata.name === pod.status?.nominatedNodeName);

function pickBest(
  plugins: readonly Plugin[],
  pod: PodInfo,
  fitting: readonly NodeInfo[],
  all: readonly NodeInfo[],
  view: ClusterView,
  random: () => number,
): NodeInfo | undefined {
  if (fitting.length <= 1) return fitting[0];
  return selectHost(fitting, scoreNodes(plugins, pod, fitting, all, view), random);
}
