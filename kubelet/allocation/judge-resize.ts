/** Whether the node has room for a resize, and which resize comes first. Upstream: `pkg/kubelet/allocation`. Pure. */
import { effectivePodRequests, type Pod, podRequests, qosClassOf } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';

export interface Refusal {
  reason: 'Deferred' | 'Infeasible';
  message: string;
}

const resources = ['cpu', 'memory'] as const;
type Resource = (typeof resources)[number];

const zero = Quantity.parse('0');
const requestOf = (pod: Pod, name: Resource): Quantity => podRequests(pod)[name] ?? zero;
const amount = (name: Resource, quantity: Quantity): number =>
  name === 'cpu' ? quantity.milliValue() : quantity.value();

/** `wanted` is the pod as its spec has it, `given` as it was allocated; `others` are the node's other pods, as allocated. */
export function judgeResize(
  wanted: Pod,
  given: Pod,
  others: readonly Pod[],
  allocatable: Readonly<Record<string, string>>,
): Refusal | undefined {
  const capacityOf = (name: Resource): Quantity => Quantity.tryParse(allocatable[name]) ?? zero;
  for (const name of ['memory', 'cpu'] as const) {
    const requested = requestOf(wanted, name);
    if (requested.cmp(capacityOf(name)) <= 0) continue;
    const facts = `requested: ${amount(name, requested)}, capacity: ${amount(name, capacityOf(name))}`;
    return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${facts}` };
  }
  for (const name of resources) {
    const requested = requestOf(wanted, name);
    if (requested.cmp(requestOf(given, name)) <= 0) continue;
    const used = others.reduce((sum, other) => sum.add(effectivePodRequests(other)[name] ?? zero), zero);
    if (used.add(requested).cmp(capacityOf(name)) <= 0) continue;
    const [wants, uses, has] = [requested, used, capacityOf(name)].map((quantity) => amount(name, quantity));
    const facts = `requested: ${wants}, used: ${uses}, capacity: ${has}`;
    return { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, ${facts}` };
  }
  return undefined;
}

export interface PendingResize {
  wanted: Pod;
  given: Pod;
  /** Since when it has been deferred; undefined for a new one. */
  sinceMs: number | undefined;
}

/** Those that ask for no more, then by priority, then guaranteed pods, then who has waited longest. */
export function inOrder<R extends PendingResize>(pending: readonly R[]): R[] {
  const grows = ({ wanted, given }: R): boolean =>
    resources.some((name) => requestOf(wanted, name).cmp(requestOf(given, name)) > 0);
  const rank = (resize: R): number[] => [
    grows(resize) ? 1 : 0,
    -(resize.wanted.spec?.priority ?? 0),
    qosClassOf(resize.wanted) === 'Guaranteed' ? 0 : 1,
    resize.sinceMs ?? Number.MAX_SAFE_INTEGER,
  ];
  const ranked = pending.map((resize) => ({ resize, rank: rank(resize) }));
  ranked.sort((a, b) => a.rank.map((one, i) => one - (b.rank[i] ?? 0)).find((difference) => difference !== 0) ?? 0);
  return ranked.map(({ resize }) => resize);
}
