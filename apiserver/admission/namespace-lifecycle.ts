/**
 * Nothing is created in a namespace that does not exist or is going away, and the namespaces the cluster stands on cannot be
 * deleted. Upstream: `admission/plugin/namespace/lifecycle`.
 */
import { namespaces } from '../../api/core/v1/namespace';
import { newForbidden, newNotFound } from '../../api/meta/status-error';
import type { Loopback } from '../registry/loopback';
import type { AdmissionPlugin } from './admission';
import { readLive } from '../registry/look-up';
import { RecentNames } from './recent-names';
import { refuse } from './refusal';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
/** How long a namespace deleted through this server is read from etcd, as the view may still show it active. */
const liveLookupMs = 30_000;

const resource = { group: '', resource: 'namespaces' };

export function namespaceLifecycle(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(namespaces);
  const deleted = new RecentNames(loopback.clock, liveLookupMs);

  const find = async (name: string) =>
    (deleted.has(name) ? undefined : view.get(name)) ?? readLive(loopback, namespaces, '', name);

  return {
    name: 'NamespaceLifecycle',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async admit(attributes) {
      const { operation, definition, subresource } = attributes;
      if (definition === namespaces) {
        if (operation !== 'DELETE' || subresource) return;
        if (immortal.has(attributes.name)) {
          throw newForbidden(resource, attributes.name, 'this namespace may not be deleted');
        }
        if (!attributes.context.dryRun) deleted.add(attributes.name);
        return;
      }
      if (!definition.namespaced || operation === 'DELETE' || definition.group === 'authorization.k8s.io') return;
      const namespace = await find(attributes.namespace);
      if (!namespace) throw newNotFound(resource, attributes.namespace);
      if (operation !== 'CREATE' || namespace.status?.phase !== 'Terminating') return;
      const error = refuse(
        attributes,
        `unable to create new content in namespace ${attributes.namespace} because it is being terminated`,
      );
      error.status.details!.causes = [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${attributes.namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ];
      throw error;
    },
  };
}
