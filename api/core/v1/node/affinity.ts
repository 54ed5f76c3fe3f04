/**
 * Which nodes a pod's node selector and required node affinity allow. Upstream:
 * `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`.
 */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../pod/types';
import type { Node } from './types';

const integer = /^[+-]?\d+$/;

function requirementMatches(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt': {
      const bound = values[0];
      if (value === undefined || bound === undefined || !integer.test(value) || !integer.test(bound)) return false;
      return requirement.operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
    }
    default:
      return false;
  }
}

/** All expressions and fields hold; a term without any matches nothing. */
export function matchesNodeSelectorTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => requirementMatches(requirement, node.metadata?.labels?.[requirement.key])) &&
    fields.every(
      (requirement) => requirement.key === 'metadata.name' && requirementMatches(requirement, node.metadata?.name),
    )
  );
}

/** Any term holds. */
export const matchesAnyTerm = (selector: NodeSelector, node: Node): boolean =>
  selector.nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));

const isTerm = (subject: Pod | NodeSelectorTerm): subject is NodeSelectorTerm =>
  'matchExpressions' in subject || 'matchFields' in subject;

/** For a pod: spec.nodeSelector and the required node affinity, both. For a term: that term. */
export function matchesNodeSelector(subject: Pod | NodeSelectorTerm, node: Node): boolean {
  if (isTerm(subject)) return matchesNodeSelectorTerm(subject, node);
  const labels = node.metadata?.labels ?? {};
  const selected = Object.entries(subject.spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = subject.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (!required || matchesAnyTerm(required, node));
}
