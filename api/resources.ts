/** THE list of kinds, in upstream's discovery order: groups by priority, resources by name. */
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
} from './admissionregistration/v1/mutatingadmissionpolicy';
import {
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from './admissionregistration/v1/validatingadmissionpolicy';
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './admissionregistration/v1/webhook-configurations';
import { customResourceDefinitions } from './apiextensions/v1/customresourcedefinition';
import { apiServices } from './apiregistration/v1/apiservice';
import { controllerRevisions } from './apps/v1/controllerrevision';
import { daemonSets } from './apps/v1/daemonset';
import { deployments } from './apps/v1/deployment';
import { replicaSets } from './apps/v1/replicaset';
import { statefulSets } from './apps/v1/statefulset';
import { selfSubjectReviews } from './authentication/v1/selfsubjectreview';
import { tokenReviews } from './authentication/v1/tokenreview';
import { selfSubjectRulesReviews } from './authorization/v1/selfsubjectrulesreview';
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  subjectAccessReviews,
} from './authorization/v1/subjectaccessreview';
import { horizontalPodAutoscalers } from './autoscaling/v2/horizontalpodautoscaler';
import { cronJobs } from './batch/v1/cronjob';
import { jobs } from './batch/v1/job';
import { certificateSigningRequests } from './certificates/v1/certificatesigningrequest';
import { leases } from './coordination/v1/lease';
import { bindings } from './core/v1/binding';
import { componentStatuses } from './core/v1/componentstatus';
import { configMaps } from './core/v1/configmap';
import { endpoints } from './core/v1/endpoints';
import { events } from './core/v1/event';
import { limitRanges } from './core/v1/limitrange';
import { namespaces } from './core/v1/namespace';
import { nodes } from './core/v1/node';
import { persistentVolumes } from './core/v1/persistentvolume';
import { persistentVolumeClaims } from './core/v1/persistentvolumeclaim';
import { pods } from './core/v1/pod';
import { podTemplates } from './core/v1/podtemplate';
import { replicationControllers } from './core/v1/replicationcontroller';
import { resourceQuotas } from './core/v1/resourcequota';
import { secrets } from './core/v1/secret';
import { services } from './core/v1/service';
import { serviceAccounts } from './core/v1/serviceaccount';
import { endpointSlices } from './discovery/v1/endpointslice';
import { flowSchemas } from './flowcontrol/v1/flowschema';
import { priorityLevelConfigurations } from './flowcontrol/v1/prioritylevelconfiguration';
import type { ResourceDefinition } from './meta/resource-definition';
import { ingresses } from './networking/v1/ingress';
import { ingressClasses } from './networking/v1/ingressclass';
import { ipAddresses } from './networking/v1/ipaddress';
import { networkPolicies } from './networking/v1/networkpolicy';
import { serviceCidrs } from './networking/v1/servicecidr';
import { runtimeClasses } from './node/v1/runtimeclass';
import { podDisruptionBudgets } from './policy/v1/poddisruptionbudget';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac/v1';
import { priorityClasses } from './scheduling/v1/priorityclass';
import { csiDrivers } from './storage/v1/csidriver';
import { csiNodes } from './storage/v1/csinode';
import { csiStorageCapacities } from './storage/v1/csistoragecapacity';
import { storageClasses } from './storage/v1/storageclass';
import { volumeAttachments } from './storage/v1/volumeattachment';
import { volumeAttributesClasses } from './storage/v1/volumeattributesclass';

export const resources: readonly ResourceDefinition[] = [
  bindings,
  componentStatuses,
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,

  apiServices,

  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,

  selfSubjectReviews,
  tokenReviews,

  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,

  horizontalPodAutoscalers,

  cronJobs,
  jobs,

  certificateSigningRequests,

  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCidrs,

  podDisruptionBudgets,

  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,

  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,

  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,

  customResourceDefinitions,

  priorityClasses,

  leases,

  runtimeClasses,

  endpointSlices,

  flowSchemas,
  priorityLevelConfigurations,
];

/** Groups in the order that discovery lists them; groups of custom resources come after these. */
export const groupOrder: readonly string[] = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];
