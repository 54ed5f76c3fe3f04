/** Everything the API server only passes on: to kubelets, and to the servers of nodes, pods and services. */
import type { Logger } from '../../component-base/logger';
import type { ProxyHandlers } from '../registry/kinds';
import type { Loopback } from '../registry/loopback';
import { createKubeletBackends, type KubeletClientFiles } from './kubelet-backend';
import { createObjectProxies } from './object-proxies';
import { createPodStreamHandlers } from './pod-streams';

export function createProxyHandlers(deps: {
  loopback: Loopback;
  kubelet: KubeletClientFiles;
  log: Logger;
}): ProxyHandlers {
  const { loopback } = deps;
  const kubelets = createKubeletBackends(loopback, deps.kubelet, deps.log);
  const proxies = createObjectProxies({ loopback, kubelets });
  return {
    pods: { ...createPodStreamHandlers({ loopback, kubelets }), proxy: proxies.pods },
    nodes: { proxy: proxies.nodes },
    services: { proxy: proxies.services },
  };
}
