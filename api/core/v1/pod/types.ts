/** The shapes of a Pod. */
import type {
  V1Affinity,
  V1Capabilities,
  V1ConfigMapKeySelector,
  V1Container,
  V1ContainerPort,
  V1ContainerState,
  V1ContainerStatus,
  V1EnvFromSource,
  V1EnvVar,
  V1EnvVarSource,
  V1EphemeralContainer,
  V1HTTPGetAction,
  V1KeyToPath,
  V1Lifecycle,
  V1LifecycleHandler,
  V1NodeAffinity,
  V1NodeSelector,
  V1NodeSelectorRequirement,
  V1NodeSelectorTerm,
  V1Pod,
  V1PodAffinityTerm,
  V1PodCondition,
  V1PodDNSConfig,
  V1PodSecurityContext,
  V1PodSpec,
  V1PodStatus,
  V1PodTemplateSpec,
  V1Probe,
  V1ProjectedVolumeSource,
  V1ResourceRequirements,
  V1SecretKeySelector,
  V1SecurityContext,
  V1TCPSocketAction,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1Volume,
  V1VolumeMount,
  V1VolumeProjection,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface Pod extends Wire<V1Pod> {}
export interface PodSpec extends Wire<V1PodSpec> {}
export interface PodStatus extends Wire<V1PodStatus> {}
export interface PodCondition extends Wire<V1PodCondition> {}
export interface PodTemplateSpec extends Wire<V1PodTemplateSpec> {}
export interface Container extends Wire<V1Container> {}
export interface EphemeralContainer extends Wire<V1EphemeralContainer> {}
export interface ContainerPort extends Wire<V1ContainerPort> {}
export interface ContainerState extends Wire<V1ContainerState> {}
export interface ContainerStatus extends Wire<V1ContainerStatus> {}
export interface EnvVar extends Wire<V1EnvVar> {}
export interface EnvVarSource extends Wire<V1EnvVarSource> {}
export interface EnvFromSource extends Wire<V1EnvFromSource> {}
export interface ConfigMapKeySelector extends Wire<V1ConfigMapKeySelector> {}
export interface SecretKeySelector extends Wire<V1SecretKeySelector> {}
export interface KeyToPath extends Wire<V1KeyToPath> {}
export interface Volume extends Wire<V1Volume> {}
export interface VolumeMount extends Wire<V1VolumeMount> {}
export interface VolumeProjection extends Wire<V1VolumeProjection> {}
export interface ProjectedVolumeSource extends Wire<V1ProjectedVolumeSource> {}
export interface Probe extends Wire<V1Probe> {}
export interface HttpGetAction extends Wire<V1HTTPGetAction> {}
export interface TcpSocketAction extends Wire<V1TCPSocketAction> {}
export interface Lifecycle extends Wire<V1Lifecycle> {}
export interface LifecycleHandler extends Wire<V1LifecycleHandler> {}
export interface ResourceRequirements extends Wire<V1ResourceRequirements> {}
export interface SecurityContext extends Wire<V1SecurityContext> {}
export interface PodSecurityContext extends Wire<V1PodSecurityContext> {}
export interface Capabilities extends Wire<V1Capabilities> {}
export interface PodDnsConfig extends Wire<V1PodDNSConfig> {}
export interface Toleration extends Wire<V1Toleration> {}
export interface Affinity extends Wire<V1Affinity> {}
export interface NodeAffinity extends Wire<V1NodeAffinity> {}
export interface PodAffinityTerm extends Wire<V1PodAffinityTerm> {}
export interface NodeSelector extends Wire<V1NodeSelector> {}
export interface NodeSelectorTerm extends Wire<V1NodeSelectorTerm> {}
export interface NodeSelectorRequirement extends Wire<V1NodeSelectorRequirement> {}
export interface TopologySpreadConstraint extends Wire<V1TopologySpreadConstraint> {}
