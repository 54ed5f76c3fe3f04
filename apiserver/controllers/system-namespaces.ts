/** The namespaces every cluster has. Upstream: `controlplane/controller/systemnamespaces`. */
import { namespaces } from '../../api/core/v1/namespace';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

const names = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

export const systemNamespaces = (loopback: Loopback): ApiServerController => ({
  name: 'start-system-namespaces-controller',
  everyMs: 60_000,
  async start() {
    for (const name of names) await ensure(loopback, namespaces, { metadata: { name } });
  },
});
