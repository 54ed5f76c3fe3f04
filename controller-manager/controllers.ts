/** THE list of controllers, in the order in which they start. */
import type { ControllerDefinition } from '../client/controller';
import { bootstrapSignerController } from './controllers/bootstrap-signer/controller';
import { csrApprover } from './controllers/certificates/approver';
import { csrCleaner } from './controllers/certificates/cleaner';
import { csrSigner } from './controllers/certificates/signer';
import { deploymentController } from './controllers/deployment/controller';
import { disruptionController } from './controllers/disruption/controller';
import { endpointsController } from './controllers/endpoints/controller';
import { endpointSliceController } from './controllers/endpointslice/controller';
import { endpointSliceMirroringController } from './controllers/endpointslice-mirroring/controller';
import { garbageCollector } from './controllers/garbage-collector/controller';
import { namespaceController } from './controllers/namespace/controller';
import { nodeIpamController } from './controllers/node-ipam/controller';
import { nodeLifecycleController } from './controllers/node-lifecycle/controller';
import { podGcController } from './controllers/pod-gc/controller';
import { replicaSetController } from './controllers/replicaset/controller';
import { resourceQuotaController } from './controllers/resource-quota/controller';
import { rootCaCertPublisher } from './controllers/root-ca-cert-publisher/controller';
import { serviceAccountController } from './controllers/serviceaccount/controller';
import { serviceCidrController } from './controllers/service-cidrs/controller';
import { serviceAccountTokenController } from './controllers/serviceaccount-token/controller';
import { claimProtectionController } from './controllers/storage-protection/claims';
import { volumeProtectionController } from './controllers/storage-protection/volumes';
import { taintEvictionController } from './controllers/taint-eviction/controller';
import { tokenCleanerController } from './controllers/token-cleaner/controller';
import type { ManagerDeps } from './manager-deps';

export interface ControllerEntry {
  controller: ControllerDefinition<ManagerDeps>;
  /** Its role is `system:controller:<role>`. */
  role: string;
  /** The source of its events. */
  component: string;
  /** Runs only when `--controllers` names it. */
  offByDefault?: boolean;
}

export const controllers: readonly ControllerEntry[] = [
  { controller: serviceAccountController, role: 'service-account-controller', component: 'serviceaccount-controller' },
  // Upstream runs it as the manager itself, which may read and write all secrets.
  {
    controller: serviceAccountTokenController,
    role: 'service-account-controller',
    component: 'serviceaccount-token-controller',
  },
  { controller: rootCaCertPublisher, role: 'root-ca-cert-publisher', component: 'root-ca-cert-publisher' },
  { controller: nodeIpamController, role: 'node-controller', component: 'cidrAllocator' },
  { controller: nodeLifecycleController, role: 'node-controller', component: 'node-controller' },
  { controller: taintEvictionController, role: 'node-controller', component: 'taint-eviction-controller' },
  { controller: csrApprover, role: 'certificate-controller', component: 'certificate-controller' },
  { controller: csrSigner, role: 'certificate-controller', component: 'certificate-controller' },
  { controller: csrCleaner, role: 'certificate-controller', component: 'certificate-controller' },
  { controller: deploymentController, role: 'deployment-controller', component: 'deployment-controller' },
  { controller: replicaSetController, role: 'replicaset-controller', component: 'replicaset-controller' },
  { controller: endpointSliceController, role: 'endpointslice-controller', component: 'endpoint-slice-controller' },
  {
    controller: endpointSliceMirroringController,
    role: 'endpointslicemirroring-controller',
    component: 'endpoint-slice-mirroring-controller',
  },
  { controller: endpointsController, role: 'endpoint-controller', component: 'endpoint-controller' },
  { controller: serviceCidrController, role: 'service-cidrs-controller', component: 'service-cidr-controller' },
  { controller: disruptionController, role: 'disruption-controller', component: 'controllermanager' },
  { controller: namespaceController, role: 'namespace-controller', component: 'namespace-controller' },
  { controller: podGcController, role: 'pod-garbage-collector', component: 'pod-garbage-collector-controller' },
  { controller: bootstrapSignerController, role: 'bootstrap-signer', component: 'bootstrap-signer' },
  { controller: tokenCleanerController, role: 'token-cleaner', component: 'token-cleaner' },
  { controller: resourceQuotaController, role: 'resourcequota-controller', component: 'resourcequota-controller' },
  { controller: claimProtectionController, role: 'pvc-protection-controller', component: 'pvc-protection-controller' },
  { controller: volumeProtectionController, role: 'pv-protection-controller', component: 'pv-protection-controller' },
  // Last: it shares what the others follow.
  { controller: garbageCollector, role: 'generic-garbage-collector', component: 'garbage-collector-controller' },
];

/**
 * The entries that `--controllers` asks for: `*` is all that are on by default, `name` adds one, `-name` takes one out.
 * Throws for a name that is none.
 */
export function selectControllers(
  wanted: readonly string[],
  all: readonly ControllerEntry[] = controllers,
): ControllerEntry[] {
  const names = new Set(all.map(({ controller }) => controller.name));
  for (const item of wanted) {
    const name = item.replace(/^-/, '');
    if (name !== '*' && !names.has(name))
      throw new Error(`${JSON.stringify(name)} is not in the list of known controllers`);
  }
  return all.filter(({ controller: { name }, offByDefault }) => {
    if (wanted.includes(name)) return true;
    if (wanted.includes(`-${name}`)) return false;
    return wanted.includes('*') && !offByDefault;
  });
}
