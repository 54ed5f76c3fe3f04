/** kube-proxy's flags: upstream's names, and a few of ours (cluster id, cluster DNS). */
import { defineFlags } from '../component-base/flags';

export const flags = defineFlags({
  kubeconfig: { type: 'string', default: '', help: 'path to the kubeconfig with the API server to talk to' },
  'hostname-override': { type: 'string', default: '', help: "the name of this host's node" },
  'service-cluster-ip-range': {
    type: 'string',
    default: '',
    help: 'the CIDR of the cluster IPs, made local to this host',
  },
  'cluster-cidr': { type: 'string', default: '', help: 'the CIDR of the pods' },
  'cluster-dns': { type: 'string', default: '', help: 'the address of cluster DNS' },
  'cluster-domain': { type: 'string', default: 'cluster.local', help: 'the domain of cluster DNS' },
  'resolv-conf': { type: 'string', default: '/etc/resolv.conf', help: 'names the servers that DNS forwards to' },
  'cluster-id': { type: 'string', default: '', help: 'part of the names of packet filter chains' },
  'healthz-bind-address': { type: 'string', default: '127.0.0.1:10256', help: 'where /healthz is served' },
  'metrics-bind-address': { type: 'string', default: '127.0.0.1:10249', help: 'where /metrics is served' },
  cleanup: { type: 'bool', default: false, help: 'remove the routes and packet rules of this cluster, and exit' },
});
