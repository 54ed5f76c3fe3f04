import { cgroupPaths, readCgroupUsage } from '../../../../kubelet/stats/cgroup-files';

const v1Lines = (folder: string): string =>
  ['12:memory:', '5:cpuacct:', '4:cpu:', '1:name=systemd:', '0::'].map((head) => head + folder).join('\n');

describe('cgroupPaths', () => {
  it.each([
    [
      'v1, cgroupfs',
      v1Lines('/docker/abc'),
      { version: 1, cpu: '/cg/cpuacct/docker/abc', memory: '/cg/memory/docker/abc' },
    ],
    [
      'v1, joined controllers',
      '3:cpu,cpuacct:/x\n2:memory:/x',
      { version: 1, cpu: '/cg/cpuacct/x', memory: '/cg/memory/x' },
    ],
    [
      'v2, systemd',
      '0::/system.slice/docker-abc.scope',
      { version: 2, cpu: '/cg/system.slice/docker-abc.scope', memory: '/cg/system.slice/docker-abc.scope' },
    ],
    ['v2, cgroupfs', '0::/docker/abc', { version: 2, cpu: '/cg/docker/abc', memory: '/cg/docker/abc' }],
    ['nothing', '', undefined],
  ])('reads %s', (_what, text, expected) => {
    expect(cgroupPaths(text, '/cg')).toEqual(expected);
  });
});

describe('readCgroupUsage', () => {
  const reader = (files: Record<string, string>) => async (file: string) => files[file] ?? '';

  it('reads v1 files', async () => {
    const read = reader({
      '/c/cpuacct.usage': '1500000000\n',
      '/m/memory.usage_in_bytes': '3000\n',
      '/m/memory.limit_in_bytes': '9223372036854771712\n',
      '/m/memory.stat': 'total_inactive_file 1000\ntotal_rss 500\ntotal_pgfault 7\ntotal_pgmajfault 1\n',
    });
    expect(await readCgroupUsage({ version: 1, cpu: '/c', memory: '/m' }, read)).toEqual({
      cpuNanoseconds: 1_500_000_000,
      memoryUsageBytes: 3000,
      memoryWorkingSetBytes: 2000,
      memoryRssBytes: 500,
      pageFaults: 7,
      majorPageFaults: 1,
      memoryLimitBytes: undefined,
    });
  });

  it('reads v2 files', async () => {
    const read = reader({
      '/c/cpu.stat': 'usage_usec 1500000\nuser_usec 1\n',
      '/c/memory.current': '3000\n',
      '/c/memory.max': '4096\n',
      '/c/memory.stat': 'anon 500\ninactive_file 1000\npgfault 7\npgmajfault 1\n',
    });
    expect(await readCgroupUsage({ version: 2, cpu: '/c', memory: '/c' }, read)).toMatchObject({
      cpuNanoseconds: 1_500_000_000,
      memoryWorkingSetBytes: 2000,
      memoryRssBytes: 500,
      memoryLimitBytes: 4096,
    });
  });
});
