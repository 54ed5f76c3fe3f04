import type { Container } from '../../../../api/core/v1/pod';
import { type Check, containersOf, namedContainers, plural, quoted, sorted } from '../check';

/** Probes and hooks with a host make the kubelet call other machines. Since 1.34. */
export const hostProbes: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    {
      since: 34,
      check(pod) {
        const found = containersOf(pod).map((container) => ({ name: container.name, hosts: hostsOf(container) }));
        const bad = sorted(found.filter(({ hosts }) => hosts.length).map(({ name }) => name));
        if (!bad.length) return undefined;
        const hosts = sorted(found.flatMap((each) => each.hosts));
        const noun = plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length);
        return {
          reason: 'probe or lifecycle host',
          detail: `${namedContainers(bad)} ${plural('uses', 'use', bad.length)} ${noun} ${quoted(hosts)}`,
        };
      },
    },
  ],
};

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Partial<Container>): string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== ''),
  ) as string[];
}
