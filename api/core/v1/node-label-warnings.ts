/** Labels of nodes that have got better names. Upstream: `pkg/api/node/util.go`. */
import type { FieldPath } from '../../meta/field-error';
import type { NodeSelectorTerm } from './pod/types';

const newerNames: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What to say of a label, if anything. */
export const nodeLabelMessage = (label: string): string | undefined =>
  Object.hasOwn(newerNames, label) ? newerNames[label] : undefined;

export const nodeTermWarnings = (term: NodeSelectorTerm | undefined, path: FieldPath): string[] =>
  (term?.matchExpressions ?? []).flatMap(({ key }, index) => {
    const message = nodeLabelMessage(key);
    return message ? [`${path.child('matchExpressions').index(index).child('key')}: ${key} is ${message}`] : [];
  });
