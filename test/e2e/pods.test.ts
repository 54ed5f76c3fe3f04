/** What a pod can ask of its node: containers in order, restarts, probes, volumes, environment, limits, ports, endings. */
import { pod, shell } from '../support/pod-manifests';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('pods');
const { kubectl } = ns;

const phase = (name: string): Promise<string> => kubectl('get', 'pod', name, '-o', 'jsonpath={.status.phase}');
const waitFor = (name: string, what: string): Promise<string> =>
  kubectl('wait', `--for=jsonpath={.status.phase}=${what}`, `pod/${name}`, '--timeout=60s');
const statusOf = async (name: string): Promise<Record<string, any>> =>
  JSON.parse(await kubectl('get', 'pod', name, '-o', 'jsonpath={.status}')) as Record<string, any>;
describe('containers', () => {
  it('runs init containers one after another, then the others, which share localhost', async () => {
    await ns.apply(
      pod('ordered', {
        restartPolicy: 'Never',
        volumes: [{ name: 'shared', emptyDir: {} }],
        initContainers: [
          shell('first', 'echo first >> /shared/log', { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }),
          shell('second', 'echo second >> /shared/log', { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] }),
        ],
        containers: [
          shell('server', 'httpd -p 8080 -h /shared; until [ -e /shared/asked ]; do usleep 50000; done', {
            volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
          }),
          shell(
            'client',
            'until nc 127.0.0.1 8080 </dev/null; do usleep 50000; done; cat /shared/log; touch /shared/asked',
            {
              volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
            },
          ),
        ],
      }),
    );
    await waitFor('ordered', 'Succeeded');
    expect(await kubectl('logs', 'ordered', '-c', 'client')).toBe('first\nsecond\n');
  });

  it('restarts a failing container with back-off and says so', async () => {
    await ns.apply(pod('failing', { containers: [shell('main', 'exit 5')] }));
    await until('CrashLoopBackOff', async () => {
      const { state, lastState } = (await statusOf('failing')).containerStatuses[0];
      return state.waiting?.reason === 'CrashLoopBackOff' && lastState.terminated.exitCode === 5;
    });
    expect(await kubectl('get', 'pod', 'failing')).toMatch(/failing\s+0\/1\s+CrashLoopBackOff\s+\d+ \(\d+s ago\)/);
    await ns.untilDescribed(
      'failing',
      /Warning\s+BackOff\s.*Back-off restarting failed container main in pod failing_pods/,
    );
    await kubectl('delete', 'pod', 'failing', '--wait=false');
  });

  it('does not restart what ended well under OnFailure', async () => {
    await ns.apply(pod('done', { restartPolicy: 'OnFailure', containers: [shell('main', 'exit 0')] }));
    await waitFor('done', 'Succeeded');
    expect((await statusOf('done')).containerStatuses[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    });
  });

  it('reports a container killed for its memory', async () => {
    await ns.apply(
      pod('hungry', {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'main',
            image: 'kubelab/node:1',
            args: ['-e', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))'],
            resources: { limits: { memory: '64Mi' } },
          },
        ],
      }),
    );
    await waitFor('hungry', 'Failed');
    expect((await statusOf('hungry')).containerStatuses[0].state.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
  });

  it('reports an image that cannot be pulled', async () => {
    await ns.apply(pod('imageless', { containers: [{ name: 'main', image: 'kubelab/none:1' }] }));
    await until('ErrImagePull', async () => {
      const reason = (await statusOf('imageless')).containerStatuses?.[0]?.state.waiting?.reason;
      return ['ErrImagePull', 'ImagePullBackOff'].includes(reason);
    });
    await ns.apply(pod('never', { containers: [{ name: 'main', image: 'kubelab/none:1', imagePullPolicy: 'Never' }] }));
    await until(
      'ErrImageNeverPull',
      async () => (await statusOf('never')).containerStatuses?.[0]?.state.waiting?.reason === 'ErrImageNeverPull',
    );
    await kubectl('delete', 'pod', 'imageless', 'never', '--wait=false');
  });
});

describe('probes', () => {
  it.each([
    ['http', { httpGet: { path: '/healthz', port: 8080 } }],
    ['tcp', { tcpSocket: { port: 8080 } }],
    ['exec', { exec: { command: ['test', '-e', '/bin/sh'] } }],
  ])('makes a pod ready by %s', async (kind, probe) => {
    await ns.apply(
      pod(`ready-${kind}`, {
        containers: [{ name: 'main', image: 'kubelab/demo:v1', readinessProbe: { ...probe, periodSeconds: 1 } }],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', `pod/ready-${kind}`, '--timeout=60s');
  });

  it('restarts a container whose liveness probe fails, after its start-up probe succeeded', async () => {
    await ns.apply(
      pod('unlively', {
        containers: [
          shell('main', 'touch /tmp/started; sleep 3600', {
            startupProbe: { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1 },
            livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 },
          }),
        ],
      }),
    );
    await until('a restart', async () => (await statusOf('unlively')).containerStatuses?.[0]?.restartCount >= 1);
    await ns.untilDescribed('unlively', /Normal\s+Killing\s.*Container main failed liveness probe, will be restarted/);
    await kubectl('delete', 'pod', 'unlively', '--wait=false');
  });
});

describe('environment and volumes', () => {
  it('fills them from the pod, config maps and secrets, and keeps the volume current', async () => {
    await kubectl('create', 'configmap', 'config', '--from-literal=color=blue');
    await kubectl('create', 'secret', 'generic', 'hidden', '--from-literal=password=s3cret');
    await ns.apply(
      pod(
        'furnished',
        {
          containers: [
            shell(
              'main',
              'env | sort; echo "$(cat /config/color) $(cat /secret/password) $(cat /info/labels)"; sleep 3600',
              {
                env: [
                  { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                  { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                  { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'config', key: 'color' } } },
                  { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'hidden', key: 'password' } } },
                  { name: 'GREETING', value: 'hello $(POD) $$(POD)' },
                  { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
                ],
                envFrom: [{ prefix: 'CFG_', configMapRef: { name: 'config' } }],
                resources: { limits: { cpu: '200m', memory: '32Mi' } },
                volumeMounts: [
                  { name: 'config', mountPath: '/config' },
                  { name: 'secret', mountPath: '/secret', readOnly: true },
                  { name: 'info', mountPath: '/info' },
                ],
              },
            ),
          ],
          volumes: [
            { name: 'config', configMap: { name: 'config' } },
            { name: 'secret', secret: { secretName: 'hidden', defaultMode: 0o400 } },
            {
              name: 'info',
              projected: {
                sources: [{ downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }],
              },
            },
          ],
        },
        { labels: { tier: 'one' } },
      ),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/furnished', '--timeout=60s');
    const log = await until('the log', async () => {
      const text = await kubectl('logs', 'furnished');
      return text.includes('tier') && text;
    });
    const address = await kubectl('get', 'pod', 'furnished', '-o', 'jsonpath={.status.podIP}');
    for (const line of [
      'POD=furnished',
      `ADDRESS=${address}`,
      'COLOR=blue',
      'PASSWORD=s3cret',
      'GREETING=hello furnished $(POD)',
      'CPU=200',
      'CFG_color=blue',
      'blue s3cret tier="one"',
    ]) {
      expect(log).toContain(`${line}\n`);
    }
    expect(log).toMatch(/^KUBERNETES_SERVICE_HOST=10\./m);
    await kubectl('patch', 'configmap', 'config', '-p', '{"data":{"color":"green"}}');
    await until(
      'the new value',
      async () => (await kubectl('exec', 'furnished', '--', 'cat', '/config/color')) === 'green',
    );
  });

  it('waits for a config map that is not there yet', async () => {
    await ns.apply(
      pod('waiting', {
        containers: [
          shell('main', 'cat /late/key; sleep 3600', { volumeMounts: [{ name: 'late', mountPath: '/late' }] }),
        ],
        volumes: [{ name: 'late', configMap: { name: 'late' } }],
      }),
    );
    await until(
      'FailedMount',
      async () =>
        (await kubectl(
          'get',
          'events',
          '--field-selector=involvedObject.name=waiting,reason=FailedMount',
          '-o',
          'name',
        )) !== '',
    );
    expect(await phase('waiting')).toBe('Pending');
    await kubectl('create', 'configmap', 'late', '--from-literal=key=here');
    await kubectl('wait', '--for=condition=Ready', 'pod/waiting', '--timeout=60s');
  });
});

describe('the end of a pod', () => {
  it('runs preStop and lets the container finish within its grace period', async () => {
    await ns.apply(
      pod('graceful', {
        terminationGracePeriodSeconds: 20,
        volumes: [{ name: 'out', hostPath: { path: '/tmp/kubelab-e2e-graceful', type: 'DirectoryOrCreate' } }],
        containers: [
          shell(
            'main',
            'trap "echo term >> /out/log; exit 0" TERM; echo start > /out/log; while :; do usleep 50000; done',
            {
              volumeMounts: [{ name: 'out', mountPath: '/out' }],
              lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo prestop >> /out/log'] } } },
            },
          ),
        ],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/graceful', '--timeout=60s');
    await ns.apply(
      pod('reader', {
        containers: [shell('main', 'sleep 3600', { volumeMounts: [{ name: 'out', mountPath: '/out' }] })],
        volumes: [{ name: 'out', hostPath: { path: '/tmp/kubelab-e2e-graceful' } }],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/reader', '--timeout=60s');
    await until('start', async () => (await kubectl('exec', 'reader', '--', 'cat', '/out/log')) === 'start\n');
    await kubectl('delete', 'pod', 'graceful');
    expect(await kubectl('exec', 'reader', '--', 'cat', '/out/log')).toBe('start\nprestop\nterm\n');
    await kubectl('exec', 'reader', '--', 'rm', '/out/log');
  });

  it('kills what does not stop, and forgets at once when forced', async () => {
    await ns.apply(
      pod('stubborn', {
        terminationGracePeriodSeconds: 3600,
        containers: [shell('main', 'trap "" TERM; while :; do sleep 1; done')],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/stubborn', '--timeout=60s');
    await kubectl('delete', 'pod', 'stubborn', '--grace-period=1');
    expect((await ns.run(['get', 'pod', 'stubborn'], { allowFailure: true })).stderr).toContain(
      'pods "stubborn" not found',
    );
  });
});

describe('node ports and networks', () => {
  it('maps a host port on the node and shares the host network', async () => {
    await ns.apply(
      pod('ported', {
        containers: [{ name: 'main', image: 'kubelab/demo:v1', ports: [{ containerPort: 8080, hostPort: 28080 }] }],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/ported', '--timeout=60s');
    const hostIP = await kubectl('get', 'pod', 'ported', '-o', 'jsonpath={.status.hostIP}');
    await until('the host port answers', () => fetch(`http://${hostIP}:28080/`).then((answer) => answer.ok));
    await ns.apply(pod('hosted', { hostNetwork: true, containers: [shell('main', 'sleep 3600')] }));
    await kubectl('wait', '--for=condition=Ready', 'pod/hosted', '--timeout=60s');
    const { podIP, hostIP: address } = await statusOf('hosted');
    expect(podIP).toBe(address);
  });
});
