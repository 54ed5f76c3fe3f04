/** The events of a resize, in upstream's words (`pkg/kubelet/events/resize.go`). */
import type { Container, Pod, ResourceRequirements } from '../../api/core/v1/pod';

/** `Pod resize started: {"containers":[{"name":"app","resources":{"requests":{"cpu":"1"}}}],"generation":2}` */
export function resizeMessage(what: string, pod: Pod, generation: number, error?: string): string {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  const summary = {
    ...(initContainers.length > 0 && { initContainers: initContainers.map(summaryOf) }),
    containers: containers.map(summaryOf),
    generation,
    ...(error && { error }),
  };
  return `Pod resize ${what}: ${JSON.stringify(summary)}`;
}

const summaryOf = ({ name, resources }: Container): object => ({ name, resources: inOrder(resources) });

/** Go prints maps by their keys. */
function inOrder({ limits, requests }: ResourceRequirements = {}): object {
  const sorted = (list: Record<string, string>): object =>
    Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...(limits && { limits: sorted(limits) }), ...(requests && { requests: sorted(requests) }) };
}
