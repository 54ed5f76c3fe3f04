import { type Check, containersOf, containersWhere, namedContainers, plural, sorted } from '../check';

export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check(pod) {
        const bad = containersWhere(pod, ({ ports }) => ports?.some(({ hostPort }) => hostPort) ?? false);
        if (!bad.length) return undefined;
        const ports = sorted(
          containersOf(pod).flatMap((container) =>
            (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : [])),
          ),
        );
        const uses = plural('uses', 'use', bad.length);
        const noun = plural('hostPort', 'hostPorts', ports.length);
        return { reason: 'hostPort', detail: `${namedContainers(bad)} ${uses} ${noun} ${ports.join(', ')}` };
      },
    },
  ],
};
