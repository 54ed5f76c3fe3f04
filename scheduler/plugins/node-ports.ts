/** Two pods of one node cannot have the same host port. */
import type { Plugin } from '../framework';
import { type HostPort, newPodInfo } from '../node-info';

const wildcard = (ip: string): boolean => ip === '0.0.0.0';

export const portsConflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || wildcard(a.ip) || wildcard(b.ip));

export const nodePorts: Plugin<true> = {
  name: 'NodePorts',
  prepareFilter: ({ hostPorts }) => (hostPorts.length ? true : undefined),
  filter: (_state, pod, node) =>
    pod.hostPorts.some((wanted) => node.hostPorts.some((used) => portsConflict(wanted, used)))
      ? { reasons: ["node(s) didn't have free ports for the requested pod ports"] }
      : undefined,
  wakes(event, pod) {
    if (event.type === 'nodeAdded') return true;
    if (event.type !== 'podDeleted') return false;
    return newPodInfo(event.pod).hostPorts.some((freed) =>
      pod.hostPorts.some((wanted) => portsConflict(freed, wanted)),
    );
  },
};
