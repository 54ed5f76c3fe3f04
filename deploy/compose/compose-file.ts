/**
 * The compose file of a cluster, made from the same process list that the supervisor gets, so that no flag is written twice.
 * Pure: the same cluster on the same host gives the same text. No container is privileged: the control plane has the host's
 * network and nothing else, the node components have the capabilities they use.
 */
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { ControlPlaneFiles } from '../certificates';
import type { Cluster, Layout } from '../cluster';
import type { ProcessSpec } from '../processes';

/** What the containers need to know of the host. */
export interface HostFacts {
  engineSocket: string;
  /** The engine's own folder: the kubelet reports and watches the disk that it is on. */
  engineRoot: string;
  /** With cgroup v2 a container sees its own cgroup as the root, unless it asks for the host's. */
  unifiedCgroups: boolean;
  /** Files and folders among `optionalHostPaths` that this host has. */
  present: string[];
}

export interface ComposeInput {
  cluster: Cluster;
  layout: Layout;
  files: ControlPlaneFiles;
  processes: ProcessSpec[];
  image: string;
  host: HostFacts;
}

/** Where the image has the checkout's compiled code, and the script that health checks run. */
export const imageRoot = '/kubelab';
const distFolder = resolve(__dirname, '../..');
const healthCheckScript = join(imageRoot, 'dist/deploy/compose/health-check.js');

/** Read by kubelet and kube-proxy where the host has them. */
const hostFiles = ['/etc/hosts', '/etc/machine-id', '/etc/os-release', '/etc/resolv.conf', '/run/systemd/resolve'];
/** Where a hostPath volume's `type` and `subPath` can be looked at; other paths work without them. */
const dataFolders = ['/data', '/media', '/mnt', '/opt', '/srv', '/var/log'];
export const optionalHostPaths = [...hostFiles, ...dataFolders];
/** Programs of the host and of the containers change packet rules under one lock. */
export const packetRulesLock = '/run/xtables.lock';

/** Compose's project, and so the prefix of its containers' names. */
export const projectOf = (clusterName: string): string => `kubelab-${clusterName}`;
/** The service that runs a node component once with `--cleanup`. */
export const cleanupServiceOf = (processName: string): string => `${processName}-cleanup`;
export const isKubelet = ({ name }: ProcessSpec): boolean => name.startsWith('kubelet-');
export const isNodeComponent = (spec: ProcessSpec): boolean => isKubelet(spec) || spec.name === 'kube-proxy';

type Service = Record<string, unknown>;

export function composeFile(input: ComposeInput): string {
  const { processes } = input;
  const services: Record<string, Service> = {};
  for (const spec of processes) services[spec.name] = longRunning(input, spec);
  for (const spec of processes.filter(isNodeComponent)) {
    services[cleanupServiceOf(spec.name)] = {
      ...container(input, { ...spec, args: [...spec.args, '--cleanup'] }),
      profiles: ['cleanup'],
    };
  }
  const header = `# Written by "npm run compose". Changes are lost the next time.\n`;
  return header + stringify({ services }, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function longRunning(input: ComposeInput, spec: ProcessSpec): Service {
  const check = healthCheck(input, spec);
  return {
    ...container(input, spec),
    restart: 'unless-stopped',
    stop_grace_period: `${spec.stopTimeoutMs / 1000}s`,
    // The order of starting and stopping; everybody waits for whom he needs by himself.
    ...(spec.name !== 'etcd' && { depends_on: [spec.name === 'kube-apiserver' ? 'etcd' : 'kube-apiserver'] }),
    ...(check && { healthcheck: { test: check, interval: '10s', timeout: '5s', retries: 3, start_period: '30s' } }),
  };
}

function container(input: ComposeInput, spec: ProcessSpec): Service {
  return {
    image: input.image,
    command: commandOf(spec).map(escapeVariables),
    ...(spec.env && { environment: spec.env }),
    network_mode: 'host',
    ...(isNodeComponent(spec) && {
      cap_add: isKubelet(spec) ? ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'] : ['NET_ADMIN'],
      security_opt: ['apparmor:unconfined', 'seccomp:unconfined', 'label:disable'],
    }),
    ...(isKubelet(spec) && { pid: 'host', ...(input.host.unifiedCgroups && { cgroup: 'host' }) }),
    volumes: volumesOf(input, spec).map(escapeVariables),
    logging: { driver: 'json-file', options: { 'max-size': '50m', 'max-file': '2' } },
  };
}

/** The image has Node on its PATH and the code in its own place. */
function commandOf(spec: ProcessSpec): string[] {
  const command = spec.command === process.execPath ? 'node' : spec.command;
  const args = spec.args.map((arg) =>
    arg.startsWith(`${distFolder}/`) ? join(imageRoot, 'dist', arg.slice(distFolder.length)) : arg,
  );
  // The engine lays a read-only mount over /proc/sys; the kubelet and the CNI plugins set network parameters there.
  const wrapper = isKubelet(spec) ? ['sh', '-c', 'umount /proc/sys; exec "$@"', 'sh'] : [];
  return [...wrapper, command, ...args];
}

/** Compose reads `$` as the start of a variable. */
const escapeVariables = (text: string): string => text.replaceAll('$', '$$$$');

/** The state stays at its host path: the kubelet names files to the engine, and its mounts must reach the host. */
function volumesOf({ layout, host }: ComposeInput, spec: ProcessSpec): string[] {
  const same = (path: string, mode = 'ro'): string => `${path}:${path}:${mode}`;
  const present = (paths: string[]): string[] => paths.filter((path) => host.present.includes(path));
  if (isKubelet(spec)) {
    return [
      same(layout.root, 'rshared'),
      same(host.engineSocket, 'rw'),
      // A folder that every engine has, on the engine's disk: only the disk's size and space are asked for.
      `${join(host.engineRoot, 'volumes')}:${host.engineRoot}:ro`,
      same('/sys/fs/cgroup'),
      same(packetRulesLock, 'rw'),
      ...present(hostFiles).map((path) => same(path)),
      ...present(dataFolders).map((path) => same(path, 'rw')),
    ];
  }
  if (spec.name === 'etcd') return [same(layout.etcd, 'rw'), same(layout.pki)];
  const identity = [same(layout.pki), same(layout.kubeconfigs)];
  if (spec.name !== 'kube-proxy') return identity;
  return [...identity, same(packetRulesLock, 'rw'), ...present(hostFiles).map((path) => same(path))];
}

/** A command that succeeds while the component says it is healthy. */
function healthCheck({ cluster: { nodes, ports }, files }: ComposeInput, { name }: ProcessSpec): string[] | undefined {
  const local = (port: number, path: string, scheme = 'https'): string => `${scheme}://127.0.0.1:${port}${path}`;
  const ca = files.ca.files.cert;
  const checks: Record<string, string[]> = {
    etcd: [local(ports.etcdClient, '/health'), files.etcdCa.files.cert, files.etcdServer.cert, files.etcdServer.key],
    'kube-apiserver': [local(ports.apiserver, '/livez'), ca],
    'kube-scheduler': [local(ports.scheduler, '/healthz'), ca],
    'kube-controller-manager': [local(ports.controllerManager, '/healthz'), ca],
    'kube-proxy': [local(ports.proxyHealth, '/healthz', 'http')],
    // Further nodes serve health on their API port only.
    [`kubelet-${nodes[0]}`]: [local(ports.kubeletHealth, '/healthz', 'http')],
  };
  const args = checks[name];
  return args && ['CMD', 'node', healthCheckScript, ...args].map(escapeVariables);
}
