/** The kubelet's command line, with upstream's names; `cluster-id`, `host-address` and `cleanup` are ours. */
import { defineFlags } from '../component-base/flags';

export const kubeletFlags = defineFlags({
  kubeconfig: { type: 'string', help: 'Path to a kubeconfig file, specifying how to connect to the API server.' },
  'bootstrap-kubeconfig': {
    type: 'string',
    help: 'Path to a kubeconfig file that will be used to get client certificate for kubelet.',
  },
  'hostname-override': {
    type: 'string',
    help: 'If non-empty, will use this string as identification instead of the actual hostname.',
  },
  'root-dir': {
    type: 'string',
    default: '/var/lib/kubelet',
    help: 'Directory path for managing kubelet files (volume mounts, etc).',
  },
  'cert-dir': {
    type: 'string',
    help: 'The directory where the TLS certs are located. Default: pki under the root directory.',
  },
  address: { type: 'string', help: 'The IP address for the kubelet to serve on. Default: the node IP.' },
  port: { type: 'int', default: 10250, help: 'The port for the kubelet to serve on.' },
  'healthz-bind-address': {
    type: 'string',
    default: '127.0.0.1',
    help: 'The IP address for the healthz server to serve on.',
  },
  'healthz-port': {
    type: 'int',
    default: 10248,
    help: 'The port of the localhost healthz endpoint (set to 0 to disable).',
  },
  'node-ip': {
    type: 'string',
    help: "IP address of the node; 'bridge' is the gateway address of the node's own pod network.",
  },
  'host-address': { type: 'string', help: 'The address at which other hosts route to the pods of this node.' },
  'cluster-dns': { type: 'list', help: 'Comma-separated list of DNS server IP addresses.' },
  'cluster-domain': { type: 'string', default: 'cluster.local', help: 'Domain for this cluster.' },
  'client-ca-file': {
    type: 'string',
    help: 'Any request presenting a client certificate signed by one of the authorities in this file is authenticated.',
  },
  'container-runtime-endpoint': {
    type: 'string',
    default: 'unix:///var/run/docker.sock',
    help: 'The endpoint of the Docker Engine.',
  },
  'pod-infra-container-image': {
    type: 'string',
    default: 'kubelab/pause:1',
    help: 'The image of the sandbox containers.',
  },
  'image-pull-progress-deadline': {
    type: 'duration',
    default: '1m0s',
    help: 'If no pulling progress is made before this deadline, the image pulling will be cancelled.',
  },
  'register-with-taints': { type: 'list', help: 'Register the node with the given list of taints (key=value:effect).' },
  'node-labels': { type: 'list', help: 'Labels to add when registering the node in the cluster (key=value).' },
  'max-pods': { type: 'int', default: 110, help: 'Number of Pods that can run on this Kubelet.' },
  'allowed-unsafe-sysctls': {
    type: 'list',
    help: 'Comma-separated allowlist of unsafe sysctls or unsafe sysctl patterns (ending in *).',
  },
  'cluster-id': {
    type: 'string',
    default: 'kubelab',
    help: 'Labels the containers and names the bridge and chains of this cluster.',
  },
  'cluster-cidr': { type: 'string', help: 'CIDR range of all pods in the cluster.' },
  'service-cluster-ip-range': { type: 'string', help: 'CIDR range of the service addresses.' },
  'cni-bin-dir': { type: 'string', default: '/usr/lib/cni', help: 'The directory of the CNI plugins.' },
  'cni-conf-dir': { type: 'string', help: "The directory of the user's own CNI configuration, if any." },
  'pod-manifest-path': { type: 'string', help: 'Path to the directory containing static pod files to run.' },
  'rotate-server-certificates': {
    type: 'bool',
    default: false,
    help: 'Request the serving certificate from the API server and renew it.',
  },
  'node-status-update-frequency': {
    type: 'duration',
    default: '10s',
    help: 'How often the kubelet looks at the node status.',
  },
  'eviction-hard': {
    type: 'list',
    default: [
      'memory.available<100Mi',
      'nodefs.available<10%',
      'nodefs.inodesFree<5%',
      'imagefs.available<15%',
      'imagefs.inodesFree<5%',
    ],
    help: 'A set of eviction thresholds (e.g. memory.available<1Gi) that if met would trigger a pod eviction.',
  },
  'eviction-soft': {
    type: 'list',
    help:
      'A set of eviction thresholds (e.g. memory.available<1.5Gi) that if met over a corresponding grace period would ' +
      'trigger a pod eviction.',
  },
  'eviction-soft-grace-period': {
    type: 'list',
    help:
      'A set of eviction grace periods (e.g. memory.available=1m30s) that correspond to how long a soft eviction ' +
      'threshold must hold before triggering a pod eviction.',
  },
  'eviction-minimum-reclaim': {
    type: 'list',
    help:
      'A set of minimum reclaims (e.g. imagefs.available=2Gi) that describes the minimum amount of resource the kubelet ' +
      'will reclaim when performing a pod eviction if that resource is under pressure.',
  },
  'eviction-pressure-transition-period': {
    type: 'duration',
    default: '5m0s',
    help: 'Duration for which the kubelet has to wait before transitioning out of an eviction pressure condition.',
  },
  'eviction-max-pod-grace-period': {
    type: 'int',
    default: 0,
    help:
      'Maximum allowed grace period (in seconds) to use when terminating pods in response to a soft eviction threshold ' +
      'being met.',
  },
  'image-gc-high-threshold': {
    type: 'int',
    default: 85,
    help: 'The percent of disk usage after which image garbage collection is always run. 100 disables it.',
  },
  'image-gc-low-threshold': {
    type: 'int',
    default: 80,
    help: 'The percent of disk usage before which image garbage collection is never run.',
  },
  'seccomp-profile-root': {
    type: 'string',
    help: 'Directory path for seccomp profiles. Default: seccomp under the root directory.',
  },
  cleanup: {
    type: 'bool',
    default: false,
    help: "Remove this node's containers, bridge, routes, rules and mounts, and exit.",
  },
});
