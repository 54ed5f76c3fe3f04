import type { Pod } from '../../../../api/core/v1/pod';
import { computePodActions, type PlanInput, type PodAction } from '../../../../kubelet/pods/compute-pod-actions';
import type { PodRuntimeStatus } from '../../../../kubelet/pods/pod-runtime-status';
import { container, exited, instance, podOf, runtimeOf, sandbox } from './pod-fixtures';

const plan = (pod: Pod, status: PodRuntimeStatus, more: Partial<PlanInput> = {}): PodAction[] =>
  computePodActions({
    pod,
    status,
    nowMs: 10_000,
    backOffMs: () => 0,
    failedProbe: () => undefined,
    isResizing: false,
    isStarted: () => true,
    ...more,
  });

/** `createSandbox#0 start:app#1`, to read plans at a glance. */
const brief = (actions: PodAction[]): string =>
  actions
    .map((action) => {
      switch (action.type) {
        case 'killPod':
          return action.recreate ? 'recreate' : 'killPod';
        case 'createSandbox':
          return `sandbox#${action.attempt}`;
        case 'startContainer':
          return `start:${action.container}#${action.restartCount}`;
        case 'killContainer':
          return `kill:${action.container}`;
        case 'backOff':
          return `backOff:${action.container}@${action.untilMs}`;
        case 'resizeContainers':
          return action.updates.map(({ resource, container: name }) => `${resource}:${name}`).join(' ');
        case 'removeContainer':
          return `rm:${action.containerId}`;
      }
    })
    .join(' ');

const inits = { initContainers: [container('i1'), container('i2')] };
const restartOn42 = {
  restartPolicy: 'Never',
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
};
const sidecar = { initContainers: [container('side', { restartPolicy: 'Always' }), container('i2')] };

describe('computePodActions', () => {
  const cases: [what: string, pod: Pod, status: PodRuntimeStatus, expected: string, more?: Partial<PlanInput>][] = [
    ['starts a new pod', podOf({}), runtimeOf(), 'sandbox#0 start:app#0'],
    ['starts only the first init container of a new pod', podOf(inits), runtimeOf(), 'sandbox#0 start:i1#0'],
    [
      'adopts a sandbox that was created but not started',
      podOf({}),
      runtimeOf(sandbox({ state: 'created' }, 2)),
      'recreate sandbox#2 start:app#0',
    ],
    [
      'resizes in place',
      podOf({ containers: [container('app', { resources: { limits: { cpu: '1' } } })] }),
      runtimeOf(sandbox(), instance('app', { resources: { cpuShares: 2, cpuQuotaUs: 0, memoryBytes: 0 } })),
      'cpu:app',
      { isResizing: true },
    ],
    [
      'restarts to resize where the policy says so',
      podOf({
        containers: [
          container('app', {
            resources: { limits: { cpu: '1' } },
            resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
          }),
        ],
      }),
      runtimeOf(sandbox(), instance('app', { resources: { cpuShares: 2, cpuQuotaUs: 0, memoryBytes: 0 } })),
      'kill:app start:app#1',
      { isResizing: true },
    ],
    [
      'leaves resources alone that nobody changed',
      podOf({ containers: [container('app', { resources: { limits: { cpu: '1' } } })] }),
      runtimeOf(sandbox(), instance('app', { resources: { cpuShares: 2, cpuQuotaUs: 0, memoryBytes: 0 } })),
      '',
    ],
    ['leaves a running pod alone', podOf({}), runtimeOf(sandbox(), instance('app')), ''],
    ['starts a container that is missing', podOf({}), runtimeOf(sandbox()), 'start:app#0'],
    [
      'adopts a container that was created but not started',
      podOf({}),
      runtimeOf(sandbox(), instance('app', { state: 'created' }, { restartCount: 3 })),
      'start:app#3',
    ],
    [
      'recreates a dead sandbox with all its containers',
      podOf({}),
      runtimeOf(sandbox({ state: 'exited' }), instance('app', exited(137))),
      'recreate sandbox#1 start:app#1',
    ],
    [
      'recreates a sandbox with another network',
      podOf({ hostNetwork: true }),
      runtimeOf(sandbox(), instance('app')),
      'recreate sandbox#1 start:app#1',
    ],
    [
      'restarts a crashed container at once',
      podOf({}),
      runtimeOf(sandbox(), instance('app', exited(1))),
      'start:app#1',
    ],
    [
      'waits for the back-off',
      podOf({}),
      runtimeOf(sandbox(), instance('app', exited(1, 9000))),
      'backOff:app@19000',
      { backOffMs: () => 10_000 },
    ],
    [
      'restarts when the back-off is over',
      podOf({}),
      runtimeOf(sandbox(), instance('app', exited(1, 0))),
      'start:app#1',
      { backOffMs: () => 10_000 },
    ],
    [
      'judges the back-off by when the container ended, not by when it is looked at',
      podOf({}),
      runtimeOf(sandbox(), instance('app', exited(1, 9000))),
      'backOff:app@19000',
      { backOffMs: (_name, endedMs) => (endedMs <= 9000 ? 10_000 : 0) },
    ],
    [
      'does not restart success under OnFailure',
      podOf({ restartPolicy: 'OnFailure' }),
      runtimeOf(sandbox(), instance('app', exited(0))),
      'killPod',
    ],
    [
      'restarts failure under OnFailure',
      podOf({ restartPolicy: 'OnFailure' }),
      runtimeOf(sandbox(), instance('app', exited(1))),
      'start:app#1',
    ],
    [
      'restarts nothing under Never',
      podOf({ restartPolicy: 'Never' }),
      runtimeOf(sandbox(), instance('app', exited(1))),
      'killPod',
    ],
    [
      'restarts under Never what a rule of its own brings back',
      podOf({ restartPolicy: 'Never', containers: [container('app', restartOn42)] }),
      runtimeOf(sandbox(), instance('app', exited(42))),
      'start:app#1',
    ],
    [
      'leaves dead what no rule brings back',
      podOf({ restartPolicy: 'Never', containers: [container('app', restartOn42)] }),
      runtimeOf(sandbox(), instance('app', exited(1))),
      'killPod',
    ],
    [
      'fails with an init container that may not come back',
      podOf({ initContainers: [container('i1', { restartPolicy: 'Never' })] }),
      runtimeOf(sandbox(), instance('i1', exited(1))),
      'killPod',
    ],
    [
      'makes no new sandbox for a finished pod',
      podOf({ restartPolicy: 'Never' }),
      runtimeOf(instance('app', exited(1))),
      '',
    ],
    [
      'kills and restarts what its liveness probe condemns',
      podOf({}),
      runtimeOf(sandbox(), instance('app')),
      'kill:app start:app#1',
      { failedProbe: () => 'liveness' },
    ],
    [
      'only kills it under Never',
      podOf({ restartPolicy: 'Never' }),
      runtimeOf(sandbox(), instance('app')),
      'kill:app',
      { failedProbe: () => 'liveness' },
    ],
    [
      'replaces a container whose image changed',
      podOf({ containers: [container('app', { image: 'app:2' })] }),
      runtimeOf(sandbox(), instance('app')),
      'kill:app start:app#1',
    ],
    ['waits for a running init container', podOf(inits), runtimeOf(sandbox(), instance('i1')), ''],
    ['goes on to the next init container', podOf(inits), runtimeOf(sandbox(), instance('i1', exited(0))), 'start:i2#0'],
    [
      'starts the app after the last init container',
      podOf(inits),
      runtimeOf(sandbox(), instance('i1', exited(0)), instance('i2', exited(0))),
      'start:app#0',
    ],
    ['repeats a failed init container', podOf(inits), runtimeOf(sandbox(), instance('i1', exited(1))), 'start:i1#1'],
    [
      'gives up on a failed init container under Never',
      podOf({ ...inits, restartPolicy: 'Never' }),
      runtimeOf(sandbox(), instance('i1', exited(1))),
      'killPod',
    ],
    [
      'runs init containers again in a new sandbox',
      podOf(inits),
      runtimeOf(sandbox({}, 1), instance('i1', exited(0)), instance('i2', exited(0)), instance('app', exited(1))),
      'start:i1#1',
    ],
    [
      'keeps a sidecar and goes on once it has started',
      podOf(sidecar),
      runtimeOf(sandbox(), instance('side')),
      'start:i2#0',
    ],
    [
      'waits for a sidecar to start',
      podOf(sidecar),
      runtimeOf(sandbox(), instance('side')),
      '',
      { isStarted: () => false },
    ],
    [
      'restarts a sidecar while the app runs',
      podOf(sidecar),
      runtimeOf(sandbox(), instance('side', exited(0)), instance('i2', exited(0)), instance('app')),
      'start:side#1',
    ],
    [
      'ends the sidecars when the app is done',
      podOf({ ...sidecar, restartPolicy: 'Never' }),
      runtimeOf(sandbox(), instance('side'), instance('i2', exited(0)), instance('app', exited(0))),
      'killPod',
    ],
    [
      'starts an ephemeral container once',
      podOf({ ephemeralContainers: [container('debug')] as never }),
      runtimeOf(sandbox(), instance('app')),
      'start:debug#0',
    ],
    [
      'keeps one dead instance of each container',
      podOf({}),
      runtimeOf(
        sandbox(),
        instance('app', {}, { restartCount: 3 }),
        instance('app', exited(1), { restartCount: 2 }),
        instance('app', exited(1), { restartCount: 1 }),
      ),
      'rm:app1',
    ],
    [
      'removes old sandboxes',
      podOf({}),
      runtimeOf(sandbox({}, 1), sandbox({ state: 'exited' }, 0), instance('app', {}, { sandboxId: 'sb1' })),
      'rm:sb0',
    ],
    [
      'restarts nothing of a pod that is being deleted',
      podOf({}, { metadata: { name: 'web', uid: 'u1', deletionTimestamp: 'now' } }),
      runtimeOf(sandbox(), instance('app', exited(1))),
      'killPod',
    ],
  ];
  it.each(cases)('%s', (_what, pod, status, expected, more = {}) => {
    expect(brief(plan(pod, status, more))).toBe(expected);
  });

  it('goes on from the restart count that the API knows when no container is left', () => {
    const pod = podOf(
      {},
      { status: { containerStatuses: [{ name: 'app', restartCount: 4, containerID: 'docker://x' } as never] } },
    );
    expect(brief(plan(pod, runtimeOf(sandbox())))).toBe('start:app#5');
  });

  it('explains a kill as upstream does', () => {
    expect(plan(podOf({}), runtimeOf(sandbox(), instance('app')), { failedProbe: () => 'startup' })).toContainEqual({
      type: 'killContainer',
      containerId: 'app0',
      container: 'app',
      message: 'Container app failed startup probe, will be restarted',
    });
  });

  it("gives a container that failed a probe the probe's own grace", () => {
    const livenessProbe = { exec: { command: ['false'] }, terminationGracePeriodSeconds: 2 };
    const pod = podOf({ containers: [container('app', { livenessProbe })] });
    const kill = (probe: 'liveness' | 'startup') =>
      plan(pod, runtimeOf(sandbox(), instance('app')), { failedProbe: () => probe })[0];
    expect(kill('liveness')).toMatchObject({ type: 'killContainer', graceSeconds: 2 });
    expect(kill('startup')).not.toHaveProperty('graceSeconds');
  });
});
