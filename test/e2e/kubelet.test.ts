/** What the kubelet does beyond running containers: sidecars, sub-paths, groups, quotas, deadlines, static pods. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../component-base/run-command';
import { pod, shell } from '../support/pod-manifests';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('kubelet');
const { kubectl } = ns;

const statusOf = async (name: string): Promise<Record<string, any>> =>
  JSON.parse(await kubectl('get', 'pod', name, '-o', 'jsonpath={.status}')) as Record<string, any>;
const phase = (name: string, wanted: string): Promise<string> =>
  kubectl('wait', `--for=jsonpath={.status.phase}=${wanted}`, `pod/${name}`, '--timeout=60s');
const ready = (name: string): Promise<string> =>
  kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
const containerIdOf = async (name: string): Promise<string> =>
  (await statusOf(name)).containerStatuses[0].containerID.replace('docker://', '');

describe('a sidecar', () => {
  it('runs before the other init containers and beside the main ones, and does not keep the pod from its end', async () => {
    await ns.apply(
      pod('sidecar', {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 10,
        initContainers: [
          shell(
            'side',
            'trap "echo ended; exit 0" TERM; mkdir /tmp/s; httpd -p 8080 -h /tmp/s; while :; do usleep 50000; done',
            {
              restartPolicy: 'Always',
              startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
            },
          ),
          shell('init', 'nc 127.0.0.1 8080 </dev/null && echo the sidecar is up'),
        ],
        containers: [shell('main', 'nc 127.0.0.1 8080 </dev/null && echo still up')],
      }),
    );
    await phase('sidecar', 'Succeeded');
    expect((await statusOf('sidecar')).initContainerStatuses[0].state).toHaveProperty('terminated');
    expect(await kubectl('logs', 'sidecar', '-c', 'init')).toBe('the sidecar is up\n');
    expect(await kubectl('logs', 'sidecar', '-c', 'main')).toBe('still up\n');
    expect(await kubectl('logs', 'sidecar', '-c', 'side')).toBe('ended\n');
  });

  it('is restarted when it fails', async () => {
    await ns.apply(
      pod('dying-sidecar', {
        initContainers: [shell('side', 'usleep 300000; exit 1', { restartPolicy: 'Always' })],
        containers: [shell('main', 'sleep 3600')],
      }),
    );
    await until(
      'a restart',
      async () => (await statusOf('dying-sidecar')).initContainerStatuses?.[0].restartCount >= 1,
    );
    expect((await statusOf('dying-sidecar')).containerStatuses[0].restartCount).toBe(0);
  });
});

describe('the security context and volumes', () => {
  it('give the user, groups and fsGroup asked for, and sub-paths that can be written', async () => {
    await kubectl('create', 'configmap', 'files', '--from-literal=a=hello', '--from-literal=b=world');
    const script = 'id; cat /etc/a; echo; stat -c "%a %g" /sub /config/deep/b; echo text > /sub/file && echo written';
    await ns.apply(
      pod('grouped', {
        restartPolicy: 'Never',
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 2000,
          fsGroup: 3000,
          supplementalGroups: [4000],
          runAsNonRoot: true,
        },
        containers: [
          shell('main', script, {
            env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            volumeMounts: [
              { name: 'config', mountPath: '/etc/a', subPath: 'a' },
              { name: 'config', mountPath: '/config' },
              { name: 'data', mountPath: '/sub', subPathExpr: 'of/$(POD)' },
            ],
          }),
        ],
        volumes: [
          {
            name: 'config',
            configMap: {
              name: 'files',
              items: [
                { key: 'a', path: 'a' },
                { key: 'b', path: 'deep/b', mode: 0o400 },
              ],
            },
          },
          { name: 'data', emptyDir: {} },
        ],
      }),
    );
    await phase('grouped', 'Succeeded');
    expect(await kubectl('logs', 'grouped')).toBe(
      'uid=1000 gid=2000 groups=2000,3000,4000\nhello\n2777 3000\n440 3000\nwritten\n',
    );
  });

  it('refuse to run as root what must not', async () => {
    await ns.apply(pod('rooted', { securityContext: { runAsNonRoot: true }, containers: [shell('main', 'id')] }));
    await until('a waiting container', async () => {
      const { reason, message } = (await statusOf('rooted')).containerStatuses?.[0].state.waiting ?? {};
      return reason === 'CreateContainerConfigError' && message;
    });
    expect((await statusOf('rooted')).containerStatuses[0].state.waiting.message).toContain(
      'container has runAsNonRoot and image will run as root',
    );
  });

  it('limit processor time and memory in the cgroup', async () => {
    const resources = { limits: { cpu: '250m', memory: '64Mi' }, requests: { cpu: '100m', memory: '32Mi' } };
    await ns.apply(pod('limited', { containers: [shell('main', 'sleep 3600', { resources })] }));
    await ready('limited');
    const format =
      '{{.HostConfig.CpuPeriod}} {{.HostConfig.CpuQuota}} {{.HostConfig.CpuShares}} {{.HostConfig.Memory}}';
    const { stdout } = await run('docker', ['inspect', '-f', format, await containerIdOf('limited')]);
    expect(stdout.trim()).toBe(`100000 25000 102 ${64 << 20}`);
    const pid = (
      await run('docker', ['inspect', '-f', '{{.State.Pid}}', await containerIdOf('limited')])
    ).stdout.trim();
    const cgroups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    const v1 = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(cgroups)?.[1];
    const v2 = /^0::(.*)$/m.exec(cgroups)?.[1] ?? '';
    const quota = v1
      ? await readFile(`/sys/fs/cgroup/cpu${v1}/cpu.cfs_quota_us`, 'utf8')
      : (await readFile(`/sys/fs/cgroup${v2}/cpu.max`, 'utf8')).split(' ')[0];
    expect(Number(quota)).toBe(25_000);
  });
});

describe('deadlines and hooks', () => {
  it('ends a pod that was active for longer than its deadline', async () => {
    await ns.apply(pod('late', { activeDeadlineSeconds: 1, containers: [shell('main', 'sleep 3600')] }));
    await phase('late', 'Failed');
    expect(await statusOf('late')).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
  });

  it('kills and restarts a container whose postStart hook fails', async () => {
    await ns.apply(
      pod('hooked', {
        containers: [shell('main', 'sleep 3600', { lifecycle: { postStart: { exec: { command: ['false'] } } } })],
      }),
    );
    await until('a back-off', async () => {
      const [status] = (await statusOf('hooked')).containerStatuses ?? [];
      return status?.state.waiting?.reason === 'CrashLoopBackOff' || status?.restartCount >= 1;
    });
    await ns.untilDescribed('hooked', /Warning\s+FailedPostStartHook\s.*PostStartHook failed/);
    await kubectl('delete', 'pod', 'hooked', '--wait=false');
  });
});

describe('logs', () => {
  it('of the previous container are whole after they were rotated', async () => {
    const line = 'x'.repeat(100);
    // The second one stays: a third would cost the first its log, however slowly that is read.
    const script = `[ -e /data/x ] && sleep 3600; touch /data/x; yes ${line} | head -n 150000; echo the last line; exit 1`;
    await ns.apply(
      pod('chatty', {
        containers: [shell('main', script, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
        volumes: [{ name: 'data', emptyDir: {} }],
      }),
    );
    await until('a restart', async () => (await statusOf('chatty')).containerStatuses?.[0].restartCount >= 1);
    const log = await kubectl('logs', '-p', 'chatty');
    expect(log.length).toBe(150_000 * 101 + 'the last line\n'.length);
    expect(await kubectl('logs', '-p', 'chatty', '--tail=1')).toBe('the last line\n');
    await kubectl('delete', 'pod', 'chatty', '--wait=false');
  });
});

it('admits the successor of a pod that was deleted by force while that one ends', async () => {
  const [node = ''] = (await ns.cluster.facts()).nodes;
  const script = 'trap "echo ending" TERM; while :; do usleep 50000; done';
  const ports = [{ containerPort: 8080, hostPort: 28_081 }];
  const holder = (name: string) => pod(name, { nodeName: node, containers: [shell('main', script, { ports })] });
  await ns.apply(holder('holder'));
  await ready('holder');
  await kubectl('delete', 'pod', 'holder', '--force', '--grace-period=0');
  await ns.apply(holder('successor'));
  await ready('successor');
});

describe('a static pod', () => {
  const place = async (name: string, spec: Record<string, unknown>) => {
    const [node = ''] = (await ns.cluster.facts()).nodes;
    const file = join(ns.cluster.layout.node(node), `manifests/${name}.yaml`);
    const write = (changed = spec) => writeFile(file, JSON.stringify(pod(name, changed, { namespace: ns.name })));
    await write();
    return { name: `${name}-${node}`, remove: () => rm(file, { force: true }), write };
  };

  it('runs from its manifest, is shown by a mirror, comes back when that is deleted, and goes with the manifest', async () => {
    const { name, remove } = await place('still', { containers: [shell('main', 'sleep 3600')] });
    try {
      await until('the mirror pod', () => ready(name));
      const id = await containerIdOf(name);
      await kubectl('delete', 'pod', name);
      await until('the mirror again', () => ready(name));
      expect(await containerIdOf(name)).toBe(id);
    } finally {
      await remove();
    }
    await until('no mirror', async () => !(await kubectl('get', 'pods', '-o', 'name')).includes(name));
  });

  it('runs anew when its manifest is back before its end', async () => {
    const script = 'trap "echo ending" TERM; while :; do usleep 50000; done';
    const { name, remove, write } = await place('hasty', {
      terminationGracePeriodSeconds: 3,
      containers: [shell('main', script)],
    });
    try {
      await until('the mirror pod', () => ready(name));
      const id = await containerIdOf(name);
      await remove();
      await until('the pod to be ending', async () => {
        const { stdout, stderr } = await run('docker', ['logs', id], { allowFailure: true });
        return `${stdout}${stderr}`.includes('ending');
      });
      await write();
      await until('another container', async () => {
        await ready(name);
        return (await containerIdOf(name)) !== id;
      });
    } finally {
      await remove();
    }
  });

  it('gives way to that of a changed manifest, whose port it may hold, and leaves its mirror alone', async () => {
    const main = (text: string) =>
      shell(
        'main',
        `trap "sleep 1; exit 3" TERM; httpd -p 127.0.0.1:48761 || exit 9; echo ${text}; while :; do usleep 50000; done`,
        {
          ports: [{ containerPort: 48761, hostPort: 48761 }],
          readinessProbe: {
            exec: { command: ['wget', '-qO-', 'http://127.0.0.1:48761/etc/hostname'] },
            periodSeconds: 1,
          },
        },
      );
    const spec = (text: string) => ({ terminationGracePeriodSeconds: 5, hostNetwork: true, containers: [main(text)] });
    const { name, remove, write } = await place('changing', spec('one'));
    try {
      await until('the mirror pod', () => ready(name));
      const id = await containerIdOf(name);
      await write(spec('two'));
      await until('the changed one', async () => {
        await ready(name);
        return (await containerIdOf(name)) !== id;
      });
      expect(await kubectl('get', 'pod', name, '-o', 'jsonpath={.status.phase}')).toBe('Running');
      expect(await kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')).toBe('0');
    } finally {
      await remove();
    }
  });
});
