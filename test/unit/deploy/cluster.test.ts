import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addressInCidr,
  type Cluster,
  contextNameOf,
  dnsAddressOf,
  layoutOf,
  makeLayout,
  newCluster,
  readCluster,
  writeCluster,
} from '../../../deploy/cluster';
import { cidrsOverlap } from '../../../deploy/host-network';

const make = (name: string, more: object = {}): Cluster => newCluster({ name, hostAddress: '192.0.2.1', ...more });

describe('newCluster', () => {
  it("gives the default cluster upstream's numbers", () => {
    expect(make('kubelab')).toMatchObject({
      server: 'https://127.0.0.1:6443',
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      serviceNodePortRange: '30000-32767',
      ports: { apiserver: 6443, scheduler: 10_259, controllerManager: 10_257, kubeletHealth: 10_248 },
    });
  });

  it('gives other clusters numbers that follow from the name alone, but an id of its own to each', () => {
    const [first, second] = [make('lab'), make('lab')];
    expect({ ...first, id: '' }).toEqual({ ...second, id: '' });
    expect(first.id).toMatch(/^[0-9a-f]{8}$/);
    expect(first.id).not.toBe(second.id);
  });

  it.each(['e2e', 'recovery', 'bench', 'two-hosts', 'nodes', 'a', 'x'.repeat(32)])(
    'keeps the numbers of %p apart',
    (name) => {
      const { ports, podCidr, serviceCidr, serviceNodePortRange } = make(name);
      expect(new Set(Object.values(ports)).size).toBe(8);
      expect(cidrsOverlap(podCidr, serviceCidr)).toBe(false);
      expect(cidrsOverlap(podCidr, '10.244.0.0/16') || cidrsOverlap(serviceCidr, '10.96.0.0/16')).toBe(false);
      const [first = 0, last = 0] = serviceNodePortRange.split('-').map(Number);
      expect(last - first).toBe(139);
      // Node ports lie apart from every cluster's own ports, and below the kernel's ephemeral ports.
      expect(first).toBeGreaterThan(20_000 + 200 * 8 - 1);
      expect(last).toBeLessThan(30_000);
      for (const port of Object.values(ports)) expect(port).toBeLessThan(21_600);
    },
  );

  it('gives other numbers when the first ones are taken', () => {
    const numbers = [0, 1, 2].map((skip) => make('lab', { skip }));
    for (const key of ['podCidr', 'serviceCidr', 'serviceNodePortRange', 'server'] as const) {
      expect(new Set(numbers.map((cluster) => cluster[key])).size).toBe(3);
    }
  });

  it('takes the ranges it is given', () => {
    const { podCidr, serviceCidr } = make('lab', { podCidr: '10.1.0.0/16', serviceCidr: '10.2.0.0/20' });
    expect([podCidr, serviceCidr]).toEqual(['10.1.0.0/16', '10.2.0.0/20']);
  });

  it.each(['', 'Upper', '-dash', 'dash-', 'under_score', 'x'.repeat(33), '../up'])('refuses the name %p', (name) => {
    expect(() => make(name)).toThrow('is not a cluster name');
  });
});

describe('addressInCidr', () => {
  it.each([
    ['10.96.0.0/16', 1, '10.96.0.1'],
    ['10.96.0.0/16', 10, '10.96.0.10'],
    ['10.0.0.250/24', 10, '10.0.1.4'],
    ['192.168.255.255/16', 1, '192.169.0.0'],
  ])('counts from the base of %s by %i', (cidr, n, address) => {
    expect(addressInCidr(cidr, n)).toBe(address);
  });

  it.each(['10.96.0.0', '10.96.0/16', '10.96.0.256/16', 'fd00::/8', ''])('refuses %p', (cidr) => {
    expect(() => addressInCidr(cidr, 1)).toThrow('is not an IPv4 CIDR');
  });
});

describe('names', () => {
  it('gives the context the name of the cluster, marked as ours', () => {
    expect([contextNameOf('kubelab'), contextNameOf('lab')]).toEqual(['kubelab', 'kubelab-lab']);
    expect(dnsAddressOf({ serviceCidr: '10.96.0.0/16' })).toBe('10.96.0.10');
  });
});

describe('the state on disk', () => {
  let home: string;
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'kubelab-test-'))));
  afterEach(() => rm(home, { recursive: true }));

  it('is read as it was written, for its owner only', async () => {
    const layout = layoutOf('lab', home);
    await makeLayout(layout);
    expect(await readCluster(layout)).toBeUndefined();
    const cluster = make('lab');
    await writeCluster(layout, cluster);
    expect(await readCluster(layout)).toEqual(cluster);
    expect((await stat(layout.cluster)).mode & 0o777).toBe(0o600);
    expect((await stat(layout.pki)).mode & 0o777).toBe(0o700);
    expect((await readdir(layout.root)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says which file is broken', async () => {
    const layout = layoutOf('lab', home);
    await makeLayout(layout);
    await writeFile(layout.cluster, '{');
    await expect(readCluster(layout)).rejects.toThrow(`${layout.cluster} cannot be read`);
  });
});
