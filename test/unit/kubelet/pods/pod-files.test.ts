import {
  formatResolvConf,
  parseResolvConf,
  podHostname,
  podHosts,
  podResolvConf,
} from '../../../../kubelet/pods/pod-files';
import { podOf } from './pod-fixtures';

const dns = {
  clusterDns: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  host: { nameservers: ['198.51.100.1'], searches: ['example.com'], options: ['edns0'] },
};
const clusterFirst =
  'search default.svc.cluster.local svc.cluster.local cluster.local example.com\nnameserver 10.96.0.10\noptions ndots:5\n';
const ofHost = 'search example.com\nnameserver 198.51.100.1\noptions edns0\n';

describe('a pod’s resolv.conf', () => {
  it.each([
    ['ClusterFirst', podOf({}), clusterFirst],
    ['ClusterFirst on the host network', podOf({ hostNetwork: true }), ofHost],
    ['ClusterFirstWithHostNet', podOf({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), clusterFirst],
    ['Default', podOf({ dnsPolicy: 'Default' }), ofHost],
    [
      'None with its own settings',
      podOf({
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['203.0.113.1'],
          searches: ['a.b'],
          options: [{ name: 'ndots', value: '2' }, { name: 'rotate' }],
        },
      }),
      'search a.b\nnameserver 203.0.113.1\noptions ndots:2 rotate\n',
    ],
  ])('follows %s', (_policy, pod, expected) => {
    expect(formatResolvConf(podResolvConf(pod, dns))).toBe(expected);
  });

  it('reads what hosts write', () => {
    expect(parseResolvConf('# c\nnameserver 192.0.2.1\nsearch a b\nsearch c\noptions x y\n')).toEqual({
      nameservers: ['192.0.2.1'],
      searches: ['c'],
      options: ['x', 'y'],
    });
  });
});

describe('a pod’s hosts file', () => {
  it('names the pod, its domain and its aliases', () => {
    const pod = podOf({ hostname: 'h', subdomain: 'sub', hostAliases: [{ ip: '192.0.2.9', hostnames: ['a', 'b'] }] });
    const text = podHosts(pod, ['10.0.0.2'], 'cluster.local');
    expect(text).toContain('# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n');
    expect(text).toContain('10.0.0.2\th.sub.default.svc.cluster.local\th\n');
    expect(text).toContain('# Entries added by HostAliases.\n192.0.2.9\ta\tb\n');
  });

  it('cuts long host names where a name may end', () => {
    const pod = podOf({}, { metadata: { name: `${'x'.repeat(62)}.y` } });
    expect(podHostname(pod, 'cluster.local')).toBe('x'.repeat(62));
  });
});

describe('a pod’s host name', () => {
  it.each([
    ['its name', {}, 'web'],
    ['the one asked for', { hostname: 'h', subdomain: 'sub' }, 'h'],
    [
      'with its domain, when it asks for that',
      { hostname: 'h', subdomain: 'sub', setHostnameAsFQDN: true },
      'h.sub.default.svc.cluster.local',
    ],
    ['without a domain it has not', { hostname: 'h', setHostnameAsFQDN: true }, 'h'],
    ['whatever overrides it', { hostname: 'h', subdomain: 'sub', hostnameOverride: 'other.example' }, 'other.example'],
  ])('is %s', (_what, spec, expected) => {
    expect(podHostname(podOf(spec), 'cluster.local')).toBe(expected);
  });

  it('is refused when it is too long with its domain', () => {
    const pod = podOf({ hostname: 'h'.repeat(40), subdomain: 'sub', setHostnameAsFQDN: true });
    expect(() => podHostname(pod, 'cluster.local')).toThrow('(64 characters is the max, 70 characters requested)');
  });

  it('overrides what the hosts file says', () => {
    const pod = podOf({ hostname: 'h', subdomain: 'sub', hostnameOverride: 'other' });
    expect(podHosts(pod, ['10.0.0.2'], 'cluster.local')).toContain('10.0.0.2\tother\n');
  });
});
