/** The flags of kube-controller-manager that kubelab takes, with upstream's names and defaults. */
import { diagnosticsFlags } from '../client/diagnostics-server';
import { leaderElectFlags } from '../client/lead-process';
import { defineFlags } from '../component-base/flags';

export const controllerManagerFlags = defineFlags({
  kubeconfig: { type: 'string', help: 'Path to kubeconfig file with authorization and API server location.' },
  'kube-api-qps': { type: 'int', default: 0, help: 'QPS to use while talking with the API server. 0 is no limit.' },
  'kube-api-burst': { type: 'int', default: 0, help: 'Burst to use while talking with the API server.' },
  ...leaderElectFlags('kube-controller-manager'),
  ...diagnosticsFlags,
  'secure-port': { type: 'int', default: 10257, help: 'Port for health and metrics over HTTPS; 0 serves none.' },
  controllers: {
    type: 'list',
    default: ['*'],
    help: "Controllers to run: '*' all that are on by default, 'foo' this one, '-foo' not this one.",
  },
  'cluster-cidr': { type: 'string', help: 'CIDR range for pods in the cluster.' },
  'service-cluster-ip-range': { type: 'string', help: 'CIDR range for services in the cluster.' },
  'allocate-node-cidrs': { type: 'bool', help: 'Should CIDRs for pods be allocated and set on nodes.' },
  'node-cidr-mask-size': { type: 'int', default: 24, help: 'Mask size for node cidr in cluster.' },
  'cluster-signing-cert-file': { type: 'string', help: 'Certificate of the CA that signs requests.' },
  'cluster-signing-key-file': { type: 'string', help: 'Key of the CA that signs requests.' },
  'cluster-signing-duration': { type: 'duration', default: '8760h', help: 'Longest life of a signed certificate.' },
  'root-ca-file': { type: 'string', help: 'CA to publish in every namespace.' },
  'service-account-private-key-file': {
    type: 'string',
    help: 'Key that signs the tokens in Secrets of type kubernetes.io/service-account-token.',
  },
  'use-service-account-credentials': {
    type: 'bool',
    help: 'Taken for compatibility; all controllers use one identity.',
  },
  'node-monitor-period': { type: 'duration', default: '5s', help: 'Time between looks at the health of nodes.' },
  'node-monitor-grace-period': { type: 'duration', default: '50s', help: 'How long a node may be silent.' },
  'node-startup-grace-period': { type: 'duration', default: '60s', help: 'How long a new node may be silent.' },
  'node-eviction-rate': { type: 'string', default: '0.1', help: 'Nodes a second whose pods are evicted.' },
  'secondary-node-eviction-rate': { type: 'string', default: '0.01', help: 'The same in a zone that is unhealthy.' },
  'unhealthy-zone-threshold': {
    type: 'string',
    default: '0.55',
    help: 'Fraction of nodes that makes a zone unhealthy.',
  },
  'large-cluster-size-threshold': { type: 'int', default: 50, help: 'Size up to which the secondary rate is 0.' },
  'resource-quota-sync-period': {
    type: 'duration',
    default: '5m',
    help: 'Time between full calculations of what quotas have used.',
  },
  'terminated-pod-gc-threshold': { type: 'int', default: 12500, help: 'Terminated pods that are kept.' },
  'max-endpoints-per-slice': { type: 'int', default: 100, help: 'Endpoints in one EndpointSlice.' },
  'mirroring-max-endpoints-per-subset': {
    type: 'int',
    default: 1000,
    help: 'Endpoints of one subset that are mirrored to EndpointSlices.',
  },
  'mirroring-concurrent-service-endpoint-syncs': {
    type: 'int',
    default: 5,
    help: 'Endpoints mirrored to EndpointSlices at a time.',
  },
  'concurrent-deployment-syncs': { type: 'int', default: 5, help: 'Deployments worked on at a time.' },
  'concurrent-replicaset-syncs': { type: 'int', default: 5, help: 'ReplicaSets worked on at a time.' },
  'concurrent-endpoint-syncs': { type: 'int', default: 5, help: 'Endpoints worked on at a time.' },
  'concurrent-service-endpoint-syncs': { type: 'int', default: 5, help: 'EndpointSlices worked on at a time.' },
  'concurrent-namespace-syncs': { type: 'int', default: 10, help: 'Namespaces worked on at a time.' },
  'concurrent-gc-syncs': { type: 'int', default: 20, help: 'Garbage collected at a time.' },
  'concurrent-serviceaccount-token-syncs': { type: 'int', default: 5, help: 'Taken for compatibility.' },
});
