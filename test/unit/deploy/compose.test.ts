import { parse } from 'yaml';
import type { ControlPlaneFiles } from '../../../deploy/certificates';
import { layoutOf, newCluster } from '../../../deploy/cluster';
import { composeFile, type HostFacts } from '../../../deploy/compose/compose-file';
import { mountOf } from '../../../deploy/compose/shared-mount';
import { controlPlaneProcesses, kubeletProcess, proxyProcess } from '../../../deploy/processes';

interface Service {
  command: string[];
  volumes: string[];
  cap_add?: string[];
  pid?: string;
  cgroup?: string;
  restart?: string;
  profiles?: string[];
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
}

const pair = (name: string) => ({ cert: `/pki/${name}.crt`, key: `/pki/${name}.key` });
const files = {
  ca: { files: pair('ca') },
  etcdCa: { files: pair('etcd-ca') },
  frontProxyCa: { files: pair('front-proxy-ca') },
  frontProxyClient: pair('front-proxy-client'),
  etcdServer: pair('etcd-server'),
  apiserver: pair('apiserver'),
  apiserverEtcdClient: pair('apiserver-etcd-client'),
  apiserverKubeletClient: pair('apiserver-kubelet-client'),
  scheduler: pair('scheduler'),
  controllerManager: pair('controller-manager'),
  admin: pair('admin'),
  serviceAccount: { privateKey: '/pki/sa.key', publicKey: '/pki/sa.pub' },
} as ControlPlaneFiles;

const cluster = {
  ...newCluster({ name: 'lab', hostAddress: '192.0.2.7' }),
  id: '0123abcd',
  nodes: ['lab-1', 'lab-2'],
};
const layout = layoutOf('lab', '/srv/$state');
const processes = [
  ...controlPlaneProcesses(cluster, layout, files, {}),
  ...cluster.nodes.map((node) =>
    kubeletProcess(cluster, layout, node, { caFile: '/pki/ca.crt', kubeletKubeconfig: '/k', nodeIp: 'bridge' }),
  ),
  proxyProcess(cluster, 'lab-1', '/p'),
];
const host: HostFacts = {
  engineSocket: '/var/run/docker.sock',
  engineRoot: '/var/lib/docker',
  unifiedCgroups: false,
  present: ['/etc/hosts', '/mnt'],
};
const textFor = (facts: HostFacts): string =>
  composeFile({ cluster, layout, files, processes, image: 'kubelab/components:1', host: facts });
const servicesFor = (facts = host): Record<string, Service> =>
  (parse(textFor(facts)) as { services: Record<string, Service> }).services;
const service = (name: string, facts = host): Service => servicesFor(facts)[name] as Service;

describe('composeFile', () => {
  it('gives the same text for the same cluster', () => {
    expect(textFor(host)).toBe(textFor({ ...host }));
  });

  it('has a service that is restarted for each process, and one that cleans up for each node component', () => {
    const services = Object.entries(servicesFor());
    expect(services.filter(([, { restart }]) => restart === 'unless-stopped').map(([name]) => name)).toEqual(
      processes.map(({ name }) => name),
    );
    expect(services.filter(([, { profiles }]) => profiles?.includes('cleanup')).map(([name]) => name)).toEqual([
      'kubelet-lab-1-cleanup',
      'kubelet-lab-2-cleanup',
      'kube-proxy-cleanup',
    ]);
    expect(service('kubelet-lab-2-cleanup').command.at(-1)).toBe('--cleanup');
  });

  it('runs the image’s Node and code with the flags of the process', () => {
    const spec = processes.find(({ name }) => name === 'kube-scheduler');
    const { command } = service('kube-scheduler');
    const flags = spec?.args.filter((arg) => arg.startsWith('--')).map((arg) => arg.replaceAll('$', '$$$$'));
    expect(command[0]).toBe('node');
    expect(command).toContain('/kubelab/dist/scheduler/main.js');
    expect(command.filter((arg) => arg.startsWith('--'))).toEqual(flags);
  });

  it('keeps dollar signs from being read as variables', () => {
    expect(service('etcd').volumes[0]).toBe('/srv/$$state/lab/etcd:/srv/$$state/lab/etcd:rw');
    expect(service('kubelet-lab-1').command.slice(0, 3)).toEqual(['sh', '-c', 'umount /proc/sys; exec "$$@"']);
  });

  it('lets the kubelet’s mounts reach the host, at the same path', () => {
    expect(service('kubelet-lab-1').volumes[0]).toBe('/srv/$$state/lab:/srv/$$state/lab:rshared');
  });

  it('gives capabilities to the node components only, and makes no container privileged', () => {
    expect(textFor(host)).not.toContain('privileged');
    expect(service('kube-apiserver').cap_add).toBeUndefined();
    expect(service('kube-proxy').cap_add).toEqual(['NET_ADMIN']);
    expect(service('kubelet-lab-1')).toMatchObject({ cap_add: ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'], pid: 'host' });
  });

  it('mounts what the host has, and nothing else', () => {
    const { volumes } = service('kubelet-lab-1');
    expect(volumes).toContain('/etc/hosts:/etc/hosts:ro');
    expect(volumes).toContain('/mnt:/mnt:rw');
    expect(volumes.join(' ')).not.toContain('/etc/resolv.conf');
  });

  it('asks for the host’s cgroups where a container would see only its own', () => {
    expect(service('kubelet-lab-1').cgroup).toBeUndefined();
    expect(service('kubelet-lab-1', { ...host, unifiedCgroups: true }).cgroup).toBe('host');
  });

  it('checks the health of each component that has a port for it', () => {
    const url = (name: string): string | undefined => service(name).healthcheck?.test[3];
    expect(url('etcd')).toBe(`https://127.0.0.1:${cluster.ports.etcdClient}/health`);
    expect(url('kubelet-lab-1')).toBe(`http://127.0.0.1:${cluster.ports.kubeletHealth}/healthz`);
    expect(url('kubelet-lab-2')).toBeUndefined();
    expect(service('etcd').stop_grace_period).toBe('10s');
  });
});

describe('mountOf', () => {
  const table = [
    '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '40 27 254:0 /srv/my\\040state /srv/my\\040state rw - ext4 /dev/vda rw',
    '41 27 0:50 / /data rw master:3 - tmpfs tmpfs rw',
    '42 27 254:1 / /data rw shared:9 master:3 - ext4 /dev/vdb rw',
  ].join('\n');

  it('finds the mount that a path lies on, and whether it is shared', () => {
    expect(mountOf('/srv/other', table)).toEqual({ path: '/', shared: true });
    expect(mountOf('/srv/my state/lab', table)).toEqual({ path: '/srv/my state', shared: false });
    expect(mountOf('/srv/my statement', table)).toEqual({ path: '/', shared: true });
  });

  it('takes the topmost of several mounts on one place', () => {
    expect(mountOf('/data/x', table)).toEqual({ path: '/data', shared: true });
  });
});
