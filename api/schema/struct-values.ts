/**
 * Fields that hold a struct, and not a pointer to one, in upstream's Go types: such a field is always there, be it empty, and
 * its OpenAPI default is `{}`. Server-side apply needs to know, because nobody owns what was there before. Keys are
 * `<group>.<Kind>`, for every version of the group.
 */

/** Structs wherever an object has them. */
const everywhere: ReadonlySet<string> = new Set(['metadata', 'spec', 'status']);

const structs: Readonly<Record<string, string>> = {
  'admissionregistration.MutatingWebhook': 'clientConfig',
  'admissionregistration.ValidatingWebhook': 'clientConfig',
  'apiextensions.CustomResourceDefinitionCondition': 'lastTransitionTime',
  'apiextensions.CustomResourceDefinitionSpec': 'names',
  'apiextensions.CustomResourceDefinitionStatus': 'acceptedNames',
  'apiregistration.APIServiceCondition': 'lastTransitionTime',
  'apps.ControllerRevision': 'data',
  'apps.DaemonSetCondition': 'lastTransitionTime',
  'apps.DaemonSetSpec': 'template updateStrategy',
  'apps.DeploymentCondition': 'lastTransitionTime lastUpdateTime',
  'apps.DeploymentSpec': 'strategy template',
  'apps.ReplicaSetCondition': 'lastTransitionTime',
  'apps.ReplicaSetSpec': 'template',
  'apps.StatefulSetCondition': 'lastTransitionTime',
  'apps.StatefulSetSpec': 'template updateStrategy',
  'authentication.SelfSubjectReviewStatus': 'userInfo',
  'authentication.TokenRequestStatus': 'expirationTimestamp',
  'authentication.TokenReviewStatus': 'user',
  'autoscaling.ContainerResourceMetricSource': 'target',
  'autoscaling.ContainerResourceMetricStatus': 'current',
  'autoscaling.ExternalMetricSource': 'metric target',
  'autoscaling.ExternalMetricStatus': 'current metric',
  'autoscaling.HorizontalPodAutoscalerCondition': 'lastTransitionTime',
  'autoscaling.HorizontalPodAutoscalerSpec': 'scaleTargetRef',
  'autoscaling.ObjectMetricSource': 'describedObject metric target',
  'autoscaling.ObjectMetricStatus': 'current describedObject metric target',
  'autoscaling.PodsMetricSource': 'metric target',
  'autoscaling.PodsMetricStatus': 'current metric',
  'autoscaling.ResourceMetricSource': 'target',
  'autoscaling.ResourceMetricStatus': 'current',
  'batch.CronJobSpec': 'jobTemplate',
  'batch.JobCondition': 'lastProbeTime lastTransitionTime',
  'batch.JobSpec': 'template',
  'certificates.CertificateSigningRequestCondition': 'lastTransitionTime lastUpdateTime',
  'core.Binding': 'target',
  'core.Container': 'resources',
  'core.ContainerStateRunning': 'startedAt',
  'core.ContainerStateTerminated': 'finishedAt startedAt',
  'core.ContainerStatus': 'lastState state',
  'core.EphemeralContainer': 'resources',
  'core.Event': 'eventTime firstTimestamp involvedObject lastTimestamp source',
  'core.EventSeries': 'lastObservedTime',
  'core.NamespaceCondition': 'lastTransitionTime',
  'core.NodeCondition': 'lastHeartbeatTime lastTransitionTime',
  'core.NodeDaemonEndpoints': 'kubeletEndpoint',
  'core.NodeStatus': 'daemonEndpoints nodeInfo',
  'core.PersistentVolumeClaimCondition': 'lastProbeTime lastTransitionTime',
  'core.PersistentVolumeClaimSpec': 'resources',
  'core.PodCondition': 'lastProbeTime lastTransitionTime',
  'core.PodTemplate': 'template',
  'core.PreferredSchedulingTerm': 'preference',
  'core.ReplicationControllerCondition': 'lastTransitionTime',
  'core.ServiceStatus': 'loadBalancer',
  'core.WeightedPodAffinityTerm': 'podAffinityTerm',
  'discovery.Endpoint': 'conditions',
  'events.Event': 'deprecatedFirstTimestamp deprecatedLastTimestamp deprecatedSource eventTime regarding',
  'events.EventSeries': 'lastObservedTime',
  'flowcontrol.FlowSchemaCondition': 'lastTransitionTime',
  'flowcontrol.FlowSchemaSpec': 'priorityLevelConfiguration',
  'flowcontrol.LimitedPriorityLevelConfiguration': 'limitResponse',
  'flowcontrol.PriorityLevelConfigurationCondition': 'lastTransitionTime',
  'meta.Condition': 'lastTransitionTime',
  'meta.ObjectMeta': 'creationTimestamp',
  'networking.HTTPIngressPath': 'backend',
  'networking.IngressServiceBackend': 'port',
  'networking.IngressStatus': 'loadBalancer',
  'networking.NetworkPolicySpec': 'podSelector',
  'rbac.ClusterRoleBinding': 'roleRef',
  'rbac.RoleBinding': 'roleRef',
  'storage.VolumeAttachmentSpec': 'source',
  'storage.VolumeError': 'time',
};

const byKind: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(structs).map(([kind, fields]) => [kind, new Set(fields.split(' '))]),
);

/** True if the field of that kind (`core.Container`) is a struct that is always there. */
export const isStructValue = (kind: string, field: string): boolean =>
  everywhere.has(field) || (byKind.get(kind)?.has(field) ?? false);
