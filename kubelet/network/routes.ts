/** Routes to the pods of other hosts: each node's podCIDR by way of its host address. Planning is apart from `ip route`. */
import type { Node } from '../../api/core/v1/node';
import { run } from '../../component-base/run-command';

export const hostAddressAnnotation = 'kubelab.io/host-address';

/** Marks our routes in the kernel, so that stale ones are found. */
export const routeProtocol = '87';

export interface Route {
  cidr: string;
  via: string;
}

/** Nodes on this very host have bridges here and need no route. */
export function wantedRoutes(nodes: readonly Node[], self: string, hostAddress: string): Route[] {
  return nodes.flatMap((node) => {
    const via = node.metadata?.annotations?.[hostAddressAnnotation];
    const cidr = node.spec?.podCIDR;
    if (node.metadata?.name === self || !via || !cidr || via === hostAddress) return [];
    return [{ cidr, via }];
  });
}

export interface RoutePlan {
  replace: Route[];
  remove: string[];
}

/** `existing` are routes with our mark; those outside the cluster's CIDR belong to another cluster. */
export function planRoutes(wanted: readonly Route[], existing: readonly Route[], clusterCidr: string): RoutePlan {
  const has = (list: readonly Route[], { cidr, via }: Route): boolean =>
    list.some((route) => route.cidr === cidr && route.via === via);
  return {
    replace: wanted.filter((route) => !has(existing, route)),
    remove: existing
      .filter(({ cidr }) => contains(clusterCidr, cidr) && !wanted.some((route) => route.cidr === cidr))
      .map(({ cidr }) => cidr),
  };
}

export async function syncRoutes(wanted: readonly Route[], clusterCidr: string): Promise<void> {
  const plan = planRoutes(wanted, await ownRoutes(), clusterCidr);
  for (const { cidr, via } of plan.replace) {
    await run('ip', ['route', 'replace', cidr, 'via', via, 'proto', routeProtocol]);
  }
  for (const cidr of plan.remove) await run('ip', ['route', 'del', cidr, 'proto', routeProtocol]);
}

async function ownRoutes(): Promise<Route[]> {
  const { stdout: text } = await run('ip', ['-j', 'route', 'show', 'proto', routeProtocol]);
  const routes = JSON.parse(text.trim() || '[]') as { dst: string; gateway?: string }[];
  return routes.flatMap(({ dst, gateway }) => (gateway ? [{ cidr: dst, via: gateway }] : []));
}

/** Whether an IPv4 CIDR lies within another. */
export function contains(outer: string, inner: string): boolean {
  const [base = '', bits = ''] = outer.split('/');
  const [address = '', innerBits = '32'] = inner.split('/');
  if (!bits) return false;
  const size = 2 ** (32 - Number(bits));
  return (
    Number(innerBits) >= Number(bits) && Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size)
  );
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
