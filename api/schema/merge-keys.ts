/**
 * How lists and objects merge: the `x-kubernetes-patch-*`, `-list-*` and `-map-type` extensions of the API, which the
 * package that the schemas come from lacks. Keys are `<group>.<Kind>.<field>`, for every version of the group; `meta` is
 * apimachinery's `meta/v1`. Strategic merge patch reads the patch facts, server-side apply the list facts.
 */

export interface MergeFacts {
  /** `x-kubernetes-patch-merge-key`. */
  patchMergeKey?: string;
  /** `x-kubernetes-patch-strategy`: `merge`, `merge,retainKeys`, `retainKeys` or `replace`. */
  patchStrategy?: string;
  /** `x-kubernetes-list-type`. */
  listType?: 'atomic' | 'set' | 'map';
  /** `x-kubernetes-list-map-keys`. */
  listMapKeys?: string[];
  /** `x-kubernetes-map-type`. */
  mapType?: 'atomic' | 'granular';
}

/** Lists whose entries merge by one key, in patches and in apply alike. */
const byKey: Record<string, string> = {
  'core.PodSpec.containers': 'name',
  'core.PodSpec.initContainers': 'name',
  'core.PodSpec.ephemeralContainers': 'name',
  'core.PodSpec.hostAliases': 'ip',
  'core.PodSpec.imagePullSecrets': 'name',
  'core.PodSpec.schedulingGates': 'name',
  'core.PodStatus.conditions': 'type',
  'core.PodStatus.podIPs': 'ip',
  'core.Container.env': 'name',
  'core.Container.volumeDevices': 'devicePath',
  'core.Container.volumeMounts': 'mountPath',
  'core.EphemeralContainer.env': 'name',
  'core.EphemeralContainer.volumeDevices': 'devicePath',
  'core.EphemeralContainer.volumeMounts': 'mountPath',
  'core.ContainerStatus.allocatedResourcesStatus': 'name',
  'core.ContainerStatus.volumeMounts': 'mountPath',
  'core.ServiceStatus.conditions': 'type',
  'core.ServiceAccount.secrets': 'name',
  'core.NodeStatus.addresses': 'type',
  'core.NodeStatus.conditions': 'type',
  'core.NamespaceStatus.conditions': 'type',
  'core.PersistentVolumeClaimStatus.conditions': 'type',
  'core.ReplicationControllerStatus.conditions': 'type',
  'core.ComponentStatus.conditions': 'type',
  'meta.ObjectMeta.ownerReferences': 'uid',
  'apps.DeploymentStatus.conditions': 'type',
  'apps.DaemonSetStatus.conditions': 'type',
  'apps.ReplicaSetStatus.conditions': 'type',
  'apps.StatefulSetStatus.conditions': 'type',
  'autoscaling.HorizontalPodAutoscalerStatus.conditions': 'type',
  'policy.PodDisruptionBudgetStatus.conditions': 'type',
  'networking.ServiceCIDRStatus.conditions': 'type',
  'storage.CSINodeSpec.drivers': 'name',
  'storagemigration.StorageVersionMigrationStatus.conditions': 'type',
  'admissionregistration.MutatingWebhookConfiguration.webhooks': 'name',
  'admissionregistration.MutatingWebhook.matchConditions': 'name',
  'admissionregistration.ValidatingWebhookConfiguration.webhooks': 'name',
  'admissionregistration.ValidatingWebhook.matchConditions': 'name',
  'admissionregistration.ValidatingAdmissionPolicySpec.matchConditions': 'name',
  'admissionregistration.ValidatingAdmissionPolicySpec.variables': 'name',
  'admissionregistration.MutatingAdmissionPolicySpec.matchConditions': 'name',
  'apiextensions.JSONSchemaProps.x-kubernetes-validations': 'rule',
  'apiregistration.APIServiceStatus.conditions': 'type',
  'flowcontrol.FlowSchemaStatus.conditions': 'type',
  'flowcontrol.PriorityLevelConfigurationStatus.conditions': 'type',
  'resource.ResourceClaimStatus.reservedFor': 'uid',
};

/** Where patches and apply differ, or only one of them merges. */
const others: Record<string, MergeFacts> = {
  'core.PodSpec.volumes': keyed('name', 'merge,retainKeys'),
  'core.PodSpec.resourceClaims': keyed('name', 'merge,retainKeys'),
  'core.PodStatus.resourceClaimStatuses': keyed('name', 'merge,retainKeys'),
  'core.PodSpec.topologySpreadConstraints': keyed('topologyKey', 'merge', ['topologyKey', 'whenUnsatisfiable']),
  'core.PodStatus.hostIPs': { patchMergeKey: 'ip', patchStrategy: 'merge', listType: 'atomic' },
  'core.Container.ports': keyed('containerPort', 'merge', ['containerPort', 'protocol']),
  'core.EphemeralContainer.ports': keyed('containerPort', 'merge', ['containerPort', 'protocol']),
  'core.ServiceSpec.ports': keyed('port', 'merge', ['port', 'protocol']),
  'core.ResourceRequirements.claims': { listType: 'map', listMapKeys: ['name'] },
  'core.ResourceStatus.resources': { listType: 'map', listMapKeys: ['resourceID'] },
  'core.NodeSpec.podCIDRs': { patchStrategy: 'merge', listType: 'set' },
  'meta.ObjectMeta.finalizers': { patchStrategy: 'merge', listType: 'set' },
  'apps.DeploymentSpec.strategy': { patchStrategy: 'retainKeys' },
  'policy.PodDisruptionBudgetSpec.selector': { patchStrategy: 'replace' },
  'batch.JobStatus.conditions': { patchMergeKey: 'type', patchStrategy: 'merge', listType: 'atomic' },
  'certificates.CertificateSigningRequestStatus.conditions': { listType: 'map', listMapKeys: ['type'] },
  'apiextensions.CustomResourceDefinitionStatus.conditions': { listType: 'map', listMapKeys: ['type'] },
  'admissionregistration.ValidatingAdmissionPolicyStatus.conditions': { listType: 'map', listMapKeys: ['type'] },
  'apiserverinternal.StorageVersionStatus.conditions': { listType: 'map', listMapKeys: ['type'] },
  'apiserverinternal.StorageVersionStatus.storageVersions': { listType: 'map', listMapKeys: ['apiServerID'] },
  'resource.AllocatedDeviceStatus.conditions': { listType: 'map', listMapKeys: ['type'] },
  'resource.ResourceClaimStatus.devices': { listType: 'map', listMapKeys: ['driver', 'device', 'pool', 'shareID'] },
};

function keyed(key: string, patchStrategy: string, listMapKeys = [key]): MergeFacts {
  return { patchMergeKey: key, patchStrategy, listType: 'map', listMapKeys };
}

/** Lists of values without order that are owned one by one. */
const sets: Record<string, string> = {
  'batch.PodFailurePolicyOnExitCodesRequirement': 'values',
  'batch.UncountedTerminatedPods': 'failed succeeded',
  'discovery.Endpoint': 'addresses',
  'flowcontrol.ResourcePolicyRule': 'apiGroups namespaces resources verbs',
  'flowcontrol.NonResourcePolicyRule': 'nonResourceURLs verbs',
  'storage.CSIDriverSpec': 'volumeLifecycleModes',
};

/** Lists that are replaced as a whole. */
const atomics: Record<string, string> = {
  'core.PodSpec': 'tolerations readinessGates',
  'core.PodStatus': 'containerStatuses initContainerStatuses ephemeralContainerStatuses',
  'core.Container': 'args command envFrom resizePolicy restartPolicyRules',
  'core.EphemeralContainer': 'args command envFrom resizePolicy restartPolicyRules',
  'core.LinuxContainerUser': 'supplementalGroups',
  'core.ContainerImage': 'names',
  'core.PodSecurityContext': 'supplementalGroups sysctls',
  'core.Capabilities': 'add drop',
  'core.ExecAction': 'command',
  'core.HTTPGetAction': 'httpHeaders',
  'core.NodeSelector': 'nodeSelectorTerms',
  'core.NodeSelectorTerm': 'matchExpressions matchFields',
  'core.NodeSelectorRequirement': 'values',
  'core.NodeAffinity': 'preferredDuringSchedulingIgnoredDuringExecution',
  'core.PodAffinity': 'preferredDuringSchedulingIgnoredDuringExecution requiredDuringSchedulingIgnoredDuringExecution',
  'core.PodAntiAffinity':
    'preferredDuringSchedulingIgnoredDuringExecution requiredDuringSchedulingIgnoredDuringExecution',
  'core.PodAffinityTerm': 'matchLabelKeys mismatchLabelKeys namespaces',
  'core.TopologySpreadConstraint': 'matchLabelKeys',
  'core.ConfigMapVolumeSource': 'items',
  'core.ConfigMapProjection': 'items',
  'core.SecretVolumeSource': 'items',
  'core.SecretProjection': 'items',
  'core.DownwardAPIVolumeSource': 'items',
  'core.DownwardAPIProjection': 'items',
  'core.ProjectedVolumeSource': 'sources',
  'core.PodDNSConfig': 'nameservers options searches',
  'core.TopologySelectorTerm': 'matchLabelExpressions',
  'core.TopologySelectorLabelRequirement': 'values',
  'core.ServiceSpec': 'clusterIPs externalIPs ipFamilies loadBalancerSourceRanges',
  'core.LoadBalancerStatus': 'ingress',
  'core.LoadBalancerIngress': 'ports',
  'core.ServiceAccount': 'imagePullSecrets',
  'core.Endpoints': 'subsets',
  'core.EndpointSubset': 'addresses notReadyAddresses ports',
  'core.NodeSpec': 'taints',
  'core.NodeStatus': 'images runtimeHandlers volumesAttached volumesInUse',
  'core.NamespaceSpec': 'finalizers',
  'core.PersistentVolumeSpec': 'accessModes mountOptions',
  'core.PersistentVolumeClaimSpec': 'accessModes',
  'core.PersistentVolumeClaimStatus': 'accessModes',
  'core.ResourceQuotaSpec': 'scopes',
  'core.ScopeSelector': 'matchExpressions',
  'core.ScopedResourceSelectorRequirement': 'values',
  'core.LimitRangeSpec': 'limits',
  'meta.ObjectMeta': 'managedFields',
  'meta.LabelSelector': 'matchExpressions',
  'meta.LabelSelectorRequirement': 'values',
  'meta.StatusDetails': 'causes',
  'meta.DeleteOptions': 'dryRun',
  'apps.StatefulSetSpec': 'volumeClaimTemplates',
  'batch.PodFailurePolicy': 'rules',
  'batch.PodFailurePolicyRule': 'onPodConditions',
  'batch.SuccessPolicy': 'rules',
  'batch.CronJobStatus': 'active',
  'autoscaling.HorizontalPodAutoscalerSpec': 'metrics',
  'autoscaling.HorizontalPodAutoscalerStatus': 'currentMetrics',
  'autoscaling.HPAScalingRules': 'policies',
  'networking.IngressSpec': 'rules tls',
  'networking.IngressTLS': 'hosts',
  'networking.HTTPIngressRuleValue': 'paths',
  'networking.IngressLoadBalancerStatus': 'ingress',
  'networking.IngressLoadBalancerIngress': 'ports',
  'networking.NetworkPolicySpec': 'egress ingress policyTypes',
  'networking.NetworkPolicyIngressRule': 'from ports',
  'networking.NetworkPolicyEgressRule': 'to ports',
  'networking.IPBlock': 'except',
  'networking.ServiceCIDRSpec': 'cidrs',
  'rbac.Role': 'rules',
  'rbac.ClusterRole': 'rules',
  'rbac.RoleBinding': 'subjects',
  'rbac.ClusterRoleBinding': 'subjects',
  'rbac.PolicyRule': 'apiGroups nonResourceURLs resourceNames resources verbs',
  'rbac.AggregationRule': 'clusterRoleSelectors',
  'storage.StorageClass': 'allowedTopologies mountOptions',
  'storage.CSIDriverSpec': 'tokenRequests',
  'storage.CSINodeDriver': 'topologyKeys',
  'certificates.CertificateSigningRequestSpec': 'groups usages',
  'discovery.EndpointSlice': 'endpoints ports',
  'discovery.EndpointHints': 'forNodes forZones',
  'node.Scheduling': 'tolerations',
  'flowcontrol.FlowSchemaSpec': 'rules',
  'flowcontrol.PolicyRulesWithSubjects': 'nonResourceRules resourceRules subjects',
  'admissionregistration.MutatingWebhook': 'admissionReviewVersions rules',
  'admissionregistration.ValidatingWebhook': 'admissionReviewVersions rules',
  'admissionregistration.RuleWithOperations': 'apiGroups apiVersions operations resources',
  'admissionregistration.NamedRuleWithOperations': 'apiGroups apiVersions operations resourceNames resources',
  'admissionregistration.MatchResources': 'excludeResourceRules resourceRules',
  'admissionregistration.ValidatingAdmissionPolicySpec': 'auditAnnotations validations',
  'admissionregistration.ValidatingAdmissionPolicyBindingSpec': 'validationActions',
  'admissionregistration.MutatingAdmissionPolicySpec': 'mutations variables',
  'admissionregistration.TypeChecking': 'expressionWarnings',
  'apiextensions.CustomResourceDefinitionSpec': 'versions',
  'apiextensions.CustomResourceDefinitionNames': 'categories shortNames',
  'apiextensions.CustomResourceDefinitionStatus': 'storedVersions',
  'apiextensions.CustomResourceDefinitionVersion': 'additionalPrinterColumns selectableFields',
  'apiextensions.WebhookConversion': 'conversionReviewVersions',
  'apiextensions.JSONSchemaProps': 'allOf anyOf enum oneOf required x-kubernetes-list-map-keys',
  'authentication.TokenRequestSpec': 'audiences',
  'authentication.TokenReviewSpec': 'audiences',
  'authentication.TokenReviewStatus': 'audiences',
  'authentication.UserInfo': 'groups',
  'authorization.SubjectAccessReviewSpec': 'groups',
  'authorization.SubjectRulesReviewStatus': 'nonResourceRules resourceRules',
  'authorization.ResourceRule': 'apiGroups resourceNames resources verbs',
  'authorization.NonResourceRule': 'nonResourceURLs verbs',
};

/** Objects that are replaced as a whole: whole definitions, and single fields. */
const atomicObjects: readonly string[] = [
  'core.ConfigMapKeySelector',
  'core.EndpointAddress',
  'core.EndpointPort',
  'core.FileKeySelector',
  'core.LocalObjectReference',
  'core.NodeSelector',
  'core.NodeSelectorTerm',
  'core.ObjectFieldSelector',
  'core.ObjectReference',
  'core.ResourceFieldSelector',
  'core.ScopeSelector',
  'core.ScopedResourceSelectorRequirement',
  'core.SecretKeySelector',
  'core.SecretReference',
  'core.TopologySelectorTerm',
  'core.TypedLocalObjectReference',
  'discovery.EndpointPort',
  'meta.LabelSelector',
  'meta.OwnerReference',
  'rbac.RoleRef',
  'rbac.Subject',
  'core.PodSpec.nodeSelector',
  'core.ReplicationControllerSpec.selector',
  'core.ServiceSpec.selector',
  'node.Scheduling.nodeSelector',
];

/** All facts by `<group>.<Kind>.<field>`, and of whole definitions by `<group>.<Kind>`. */
export const mergeFacts: ReadonlyMap<string, MergeFacts> = new Map<string, MergeFacts>([
  ...Object.entries(byKey).map(([field, key]) => [field, keyed(key, 'merge')] as const),
  ...Object.entries(others),
  ...expand(sets, { listType: 'set' }),
  ...expand(atomics, { listType: 'atomic' }),
  ...atomicObjects.map((name) => [name, { mapType: 'atomic' }] as const),
]);

function expand(table: Record<string, string>, facts: MergeFacts): [string, MergeFacts][] {
  return Object.entries(table).flatMap(([kind, fields]) =>
    fields.split(' ').map((field): [string, MergeFacts] => [`${kind}.${field}`, facts]),
  );
}
