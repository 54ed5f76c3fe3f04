import { containerConfig, sandboxConfig } from '../../../../kubelet/runtime/container-config';
import { cpuQuota, cpuShares, oomScoreAdj } from '../../../../kubelet/runtime/container-resources';
import { container, podOf } from '../pods/pod-fixtures';

const files = { hosts: '/f/hosts', resolvConf: '/f/resolv', hostname: '/f/hostname' };
const input = {
  restartCount: 2,
  sandboxId: 'sb',
  env: new Map([['A', '1']]),
  mounts: [{ hostPath: '/v', containerPath: '/data', readOnly: true, propagation: 'rslave' }],
  devices: [],
  machine: { memoryBytes: 16 * 1024 ** 3 },
  groups: [2000],
  seccompRoot: '/s',
};

describe('sandboxConfig', () => {
  it('names itself as dockershim did and has no network of the engine', () => {
    const config = sandboxConfig({ pod: podOf({}), attempt: 1, image: 'pause', hostname: 'web', files });
    expect(config).toMatchObject({
      name: 'k8s_POD_web_default_u1_1',
      Hostname: 'web',
      NetworkDisabled: true,
      HostConfig: { NetworkMode: 'none', IpcMode: 'shareable' },
    });
  });

  it('carries the pod’s labels, but none of ours that the pod brings', () => {
    const ours = { 'kubelab.io/host-network': 'true', 'kubelab.io/attempt': '9', 'io.kubernetes.pod.uid': 'other' };
    const pod = podOf(
      {},
      { metadata: { name: 'web', namespace: 'default', uid: 'u1', labels: { app: 'a', ...ours } } },
    );
    expect(sandboxConfig({ pod, attempt: 1, image: 'pause', hostname: 'web', files }).Labels).toMatchObject({
      app: 'a',
      'kubelab.io/host-network': 'false',
      'kubelab.io/attempt': '1',
      'io.kubernetes.pod.uid': 'u1',
    });
  });

  it('keeps the host’s name on the host’s network', () => {
    const config = sandboxConfig({
      pod: podOf({ hostNetwork: true }),
      attempt: 0,
      image: 'pause',
      hostname: 'web',
      files,
    });
    expect(config.HostConfig.NetworkMode).toBe('host');
    expect(config.NetworkDisabled).toBeUndefined();
    expect(config.Hostname).toBeUndefined();
  });
});

describe('containerConfig', () => {
  it.each([
    [{ type: 'Localhost', localhostProfile: 'mine' }, undefined, ['apparmor=mine']],
    [{ type: 'Unconfined' }, { type: 'Localhost', localhostProfile: 'mine' }, ['apparmor=unconfined']],
    [undefined, { type: 'Localhost', localhostProfile: 'mine' }, ['apparmor=mine']],
    [{ type: 'RuntimeDefault' }, undefined, []],
    [undefined, undefined, []],
  ])('confines a container by %j of its own and %j of its pod', (own, shared, options) => {
    const pod = podOf({ ...(shared && { securityContext: { appArmorProfile: shared } }) });
    const app = container('app', { ...(own && { securityContext: { appArmorProfile: own } }) });
    const { SecurityOpt = [] } = containerConfig({ ...input, pod, container: app }).HostConfig;
    expect(SecurityOpt.filter((option) => option.startsWith('apparmor'))).toEqual(options);
  });

  it('lets a debugging container see the processes of its target', () => {
    const config = containerConfig({ ...input, pod: podOf({}), container: container('debugger'), targetId: 'c1' });
    expect(config.HostConfig.PidMode).toBe('container:c1');
  });

  it('joins the sandbox and expands its command', () => {
    const spec = container('app', {
      command: ['run', '$(A)'],
      args: ['$(B)'],
      resources: { limits: { cpu: '500m', memory: '64Mi' } },
    });
    const config = containerConfig({ ...input, pod: podOf({ shareProcessNamespace: true }), container: spec });
    expect(config).toMatchObject({
      name: 'k8s_app_web_default_u1_2',
      Entrypoint: ['run', '1'],
      Cmd: ['$(B)'],
      Env: ['A=1'],
      HostConfig: {
        NetworkMode: 'container:sb',
        IpcMode: 'container:sb',
        PidMode: 'container:sb',
        Binds: ['/v:/data:ro,rslave'],
        GroupAdd: ['2000'],
        CpuShares: 512,
        CpuQuota: 50_000,
        Memory: 64 * 1024 ** 2,
        MemorySwap: 64 * 1024 ** 2,
      },
    });
  });

  it('does not mix the image’s arguments with the pod’s command', () => {
    const config = containerConfig({ ...input, pod: podOf({}), container: container('app', { command: ['run'] }) });
    expect(config.Cmd).toEqual([]);
    expect(containerConfig({ ...input, pod: podOf({}), container: container('app') }).Cmd).toBeUndefined();
  });

  it('runs as the user asked for', () => {
    const pod = podOf({ securityContext: { runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [4000] } });
    const config = containerConfig({
      ...input,
      pod,
      container: container('app', { securityContext: { runAsUser: 5 } }),
    });
    expect(config.User).toBe('5:3000');
    expect(config.HostConfig.GroupAdd).toEqual(['4000', '2000']);
  });
});

describe('resources', () => {
  it.each([
    [0, 2],
    [1, 2],
    [500, 512],
    [1_000_000, 262_144],
  ])('%d milli-CPU are %d shares', (milli, shares) => expect(cpuShares(milli)).toBe(shares));

  it.each([
    [0, undefined],
    [5, 1000],
    [250, 25_000],
  ])('a limit of %d milli-CPU is a quota of %s', (milli, quota) => expect(cpuQuota(milli)).toBe(quota));

  it.each([
    ['Guaranteed', -997],
    ['BestEffort', 1000],
    ['Burstable', 750],
  ])('%s pods get oom_score_adj %d', (qosClass, score) => {
    const spec = container('app', { resources: { requests: { memory: '4Gi' } } });
    expect(oomScoreAdj(podOf({}, { status: { qosClass } }), spec, 16 * 1024 ** 3)).toBe(score);
  });
});
