/** The admission plugins in upstream's order (`pkg/kubeapiserver/options/plugins.go`). */
import type { Metrics } from '../../component-base/metrics';
import type { Authorizer } from '../authorization/authorizer';
import type { Loopback } from '../registry/loopback';
import type { ResourceTable } from '../endpoints/served-resource';
import type { WebhookClient } from '../webhook-client';
import type { Admission, AdmissionPlugin } from './admission';
import { alwaysPullImages } from './always-pull-images';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates';
import { createChain } from './chain';
import type { PluginConfigurations } from './configuration';
import { defaultIngressClass } from './default-ingress-class';
import { defaultStorageClass } from './default-storage-class';
import { defaultTolerationSeconds } from './default-toleration-seconds';
import { selectPlugins } from './enabled-plugins';
import { extendedResourceToleration } from './extended-resource-toleration';
import { limitRanger } from './limit-ranger';
import { namespaceLifecycle } from './namespace-lifecycle';
import { nodeRestriction } from './node-restriction';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize';
import { podResizeValidator } from './pod-resize-validator';
import { podSecurity } from './pod-security';
import { readPodSecurityConfiguration } from './pod-security/configuration';
import { mutatingAdmissionPolicy } from './policy/mutating';
import { validatingAdmissionPolicy } from './policy/validating';
import { podTopologyLabels } from './pod-topology-labels';
import { priority } from './priority';
import { resourceQuota } from './resource-quota';
import { runtimeClass } from './runtime-class';
import { serviceAccount } from './service-account';
import { storageObjectInUseProtection } from './storage-object-in-use-protection';
import { taintNodesByCondition } from './taint-nodes-by-condition';
import { mutatingAdmissionWebhook } from './webhook/mutating';
import { validatingAdmissionWebhook } from './webhook/validating';

export interface AdmissionDeps {
  loopback: Loopback;
  authorizer: Authorizer;
  metrics: Metrics;
  /** Calls the webhooks of configurations. */
  webhooks: WebhookClient;
  /** Where the kinds of policies' parameters are found. */
  table: ResourceTable;
  /** Names from --enable-admission-plugins and --disable-admission-plugins. */
  enable?: readonly string[];
  disable?: readonly string[];
  /** From --admission-control-config-file. */
  configurations?: PluginConfigurations;
}

/** Upstream has NodeRestriction off by default and kubeadm turns it on; here it is always on unless disabled. */
export const orderedPlugins = ({
  loopback,
  authorizer,
  metrics,
  webhooks,
  table,
  configurations,
}: AdmissionDeps): AdmissionPlugin[] => [
  namespaceLifecycle(loopback),
  limitRanger(loopback),
  serviceAccount(loopback),
  nodeRestriction(loopback),
  taintNodesByCondition(),
  alwaysPullImages(),
  podSecurity({
    loopback,
    metrics,
    configuration: readPodSecurityConfiguration(configurations?.get('PodSecurity')),
  }),
  priority(loopback),
  defaultTolerationSeconds(),
  extendedResourceToleration(),
  defaultStorageClass(loopback),
  storageObjectInUseProtection(),
  persistentVolumeClaimResize(loopback),
  runtimeClass(loopback),
  certificateApproval(authorizer),
  certificateSigning(authorizer),
  certificateSubjectRestriction(),
  defaultIngressClass(loopback),
  podTopologyLabels(loopback),
  podResizeValidator(loopback),
  mutatingAdmissionPolicy({ loopback, authorizer, metrics, table }),
  mutatingAdmissionWebhook({ loopback, authorizer, metrics, client: webhooks, table }),
  validatingAdmissionPolicy({ loopback, authorizer, metrics, table }),
  validatingAdmissionWebhook({ loopback, authorizer, metrics, client: webhooks, table }),
  // Last: what it charges must be what is stored.
  resourceQuota(loopback),
];

/** Throws when a name is not that of a plugin. */
export const createAdmission = (deps: AdmissionDeps): Admission =>
  createChain(selectPlugins(orderedPlugins(deps), deps.enable, deps.disable), deps.metrics);
