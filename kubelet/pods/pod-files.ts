/** resolv.conf, hosts and hostname of a pod: the kubelet writes its own and mounts them into every container. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Pod } from '../../api/core/v1/pod';

export interface ResolvConf {
  nameservers: string[];
  searches: string[];
  options: string[];
}

export interface DnsSettings {
  clusterDns: string[];
  clusterDomain: string;
  host: ResolvConf;
}

export function parseResolvConf(text: string): ResolvConf {
  const result: ResolvConf = { nameservers: [], searches: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0]) result.nameservers.push(values[0]);
    // The last search line wins.
    else if (keyword === 'search') result.searches = values;
    else if (keyword === 'options') result.options = values;
  }
  return result;
}

/** Upstream's dns.Configurer: at most 3 servers and 32 search domains. */
export function podResolvConf(pod: Pod, { clusterDns, clusterDomain, host }: DnsSettings): ResolvConf {
  const spec = pod.spec;
  const policy = spec?.dnsPolicy ?? 'ClusterFirst';
  const onHost = spec?.hostNetwork === true && policy === 'ClusterFirst';
  let base: ResolvConf;
  if (policy === 'None') base = { nameservers: [], searches: [], options: [] };
  else if (policy === 'Default' || onHost || clusterDns.length === 0) base = host;
  else {
    const namespace = pod.metadata?.namespace ?? 'default';
    const own = clusterDomain ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : [];
    base = { nameservers: clusterDns, searches: unique([...own, ...host.searches]), options: ['ndots:5'] };
  }
  const extra = spec?.dnsConfig;
  const options = (extra?.options ?? []).map(({ name = '', value }) =>
    value === undefined ? name : `${name}:${value}`,
  );
  const overridden = new Set(options.map((option) => option.split(':')[0]));
  return {
    nameservers: unique([...base.nameservers, ...(extra?.nameservers ?? [])]).slice(0, 3),
    searches: unique([...base.searches, ...(extra?.searches ?? [])]).slice(0, 32),
    options: [...base.options.filter((option) => !overridden.has(option.split(':')[0])), ...options],
  };
}

const unique = (list: string[]): string[] => [...new Set(list)];

export const formatResolvConf = ({ nameservers, searches, options }: ResolvConf): string =>
  [
    ...(searches.length ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');

/** The pod's own name and, with a subdomain, the domain below which DNS has it. Upstream: GeneratePodHostNameAndDomain. */
function podNames({ metadata, spec }: Pod, clusterDomain: string): { hostname: string; domain: string } {
  if (spec?.hostnameOverride) return { hostname: spec.hostnameOverride, domain: '' };
  const hostname = (spec?.hostname ?? metadata?.name ?? '').slice(0, 63).replace(/[-.]+$/, '');
  const domain = spec?.subdomain ? `${spec.subdomain}.${metadata?.namespace ?? ''}.svc.${clusterDomain}` : '';
  return { hostname, domain };
}

const maxHostname = 64;

/** What `hostname` prints in the pod; host network pods keep the host's. Throws when the kernel takes no name as long. */
export function podHostname(pod: Pod, clusterDomain: string): string {
  const { hostname, domain } = podNames(pod, clusterDomain);
  if (!pod.spec?.setHostnameAsFQDN || !domain) return hostname;
  const fqdn = `${hostname}.${domain}`;
  if (fqdn.length <= maxHostname) return fqdn;
  const limits = `${maxHostname} characters is the max, ${fqdn.length} characters requested`;
  const what = 'Failed to construct FQDN from pod hostname and cluster domain';
  throw new Error(`${what}, FQDN ${fqdn} is too long (${limits})`);
}

/** Upstream's hosts file, comments included. */
export function podHosts(pod: Pod, podIPs: string[], clusterDomain: string): string {
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  const { hostname, domain } = podNames(pod, clusterDomain);
  for (const ip of podIPs) lines.push([ip, ...(domain ? [`${hostname}.${domain}`] : []), hostname].join('\t'));
  return `${lines.join('\n')}\n${hostAliases(pod)}`;
}

/** The host's own file for pods on its network, with the pod's aliases. */
export const hostNetworkHosts = (pod: Pod, hostFile: string): string =>
  `# Kubernetes-managed hosts file (host network).\n${hostFile}${hostAliases(pod)}`;

function hostAliases(pod: Pod): string {
  const aliases = pod.spec?.hostAliases ?? [];
  if (aliases.length === 0) return '';
  const lines = aliases.map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])].join('\t'));
  return `\n# Entries added by HostAliases.\n${lines.join('\n')}\n`;
}

export interface PodFiles {
  hosts: string;
  resolvConf: string;
  hostname: string;
}

export const podFilesIn = (podDir: string): PodFiles => ({
  hosts: path.join(podDir, 'etc-hosts'),
  resolvConf: path.join(podDir, 'resolv.conf'),
  hostname: path.join(podDir, 'hostname'),
});

/** Before the sandbox is created: the engine would make folders of missing files. */
export async function writePodFiles(pod: Pod, podDir: string, dns: DnsSettings): Promise<PodFiles> {
  const files = podFilesIn(podDir);
  await mkdir(podDir, { recursive: true, mode: 0o750 });
  await Promise.all([
    writeFile(files.resolvConf, formatResolvConf(podResolvConf(pod, dns))),
    writeFile(files.hostname, `${podHostname(pod, dns.clusterDomain)}\n`),
    writeFile(files.hosts, '', { flag: 'a' }),
  ]);
  return files;
}

/** Once the addresses are known, before containers start; in place, for the mounts hold the file. */
export async function writeHosts(pod: Pod, podDir: string, podIPs: string[], clusterDomain: string): Promise<void> {
  const text = pod.spec?.hostNetwork
    ? hostNetworkHosts(pod, await readFile('/etc/hosts', 'utf8').catch(() => ''))
    : podHosts(pod, podIPs, clusterDomain);
  await writeFile(podFilesIn(podDir).hosts, text);
}

/** The host's resolver configuration; systemd-resolved's stub address would mean nothing inside a pod. */
export async function readHostResolvConf(): Promise<ResolvConf> {
  const read = (file: string): Promise<ResolvConf> => readFile(file, 'utf8').then(parseResolvConf);
  const conf = await read('/etc/resolv.conf').catch(() => parseResolvConf(''));
  if (!conf.nameservers.includes('127.0.0.53')) return conf;
  return read('/run/systemd/resolve/resolv.conf').catch(() => conf);
}
