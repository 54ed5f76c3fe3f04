import type { Pod, PodStatus } from '../../../../api/core/v1/pod';
import { computePodStatus, type StatusInput, withoutEnd } from '../../../../kubelet/pods/compute-pod-status';
import type { PodRuntimeStatus } from '../../../../kubelet/pods/pod-runtime-status';
import { container, exited, instance, podOf, runtimeOf, sandbox } from './pod-fixtures';

const compute = (pod: Pod, runtime: PodRuntimeStatus, more: Partial<StatusInput> = {}): PodStatus =>
  computePodStatus({
    pod,
    runtime,
    reasons: new Map(),
    resizeConditions: [],
    probes: { isReady: () => true, isStarted: () => true },
    hostIPs: ['192.0.2.1'],
    nowMs: Date.parse('2026-01-01T00:00:00Z'),
    imageIdOf: (id) => `docker://${id}`,
    ...more,
  });

const condition = (status: PodStatus, wanted: string) => status.conditions?.find(({ type }) => type === wanted);

describe('computePodStatus', () => {
  it('describes a pod that was just bound', () => {
    const status = compute(podOf({}), runtimeOf());
    expect(status).toMatchObject({
      phase: 'Pending',
      hostIP: '192.0.2.1',
      startTime: '2026-01-01T00:00:00Z',
      containerStatuses: [
        { name: 'app', state: { waiting: { reason: 'ContainerCreating' } }, ready: false, restartCount: 0 },
      ],
    });
    expect(condition(status, 'PodReadyToStartContainers')?.status).toBe('False');
    expect(condition(status, 'Initialized')?.status).toBe('True');
    expect(condition(status, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    });
  });

  it('describes a running, ready pod', () => {
    const status = compute(podOf({}), runtimeOf(sandbox(), instance('app')));
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.0.0.2',
      podIPs: [{ ip: '10.0.0.2' }],
      containerStatuses: [{ ready: true, started: true, containerID: 'docker://app0', imageID: 'docker://sha256:1' }],
    });
    expect(condition(status, 'Ready')?.status).toBe('True');
  });

  it('shows a container with the same image after a restart, which knows no digests any more', () => {
    const imageID = 'docker-pullable://app@sha256:2';
    const before = compute(podOf({}), runtimeOf(sandbox(), instance('app')), { imageIdOf: () => imageID });
    const after = (id: string) =>
      compute(podOf({}, { status: before }), runtimeOf(sandbox(), instance('app', { id }))).containerStatuses?.[0]
        ?.imageID;
    expect(after('app0')).toBe(imageID);
    expect(after('another')).toBe('docker://sha256:1');
  });

  it('tells the resources of a container once it was made', () => {
    const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
    const pod = podOf({ containers: [container('app', { resources })] });
    expect(compute(pod, runtimeOf()).containerStatuses?.[0]).not.toHaveProperty('resources');
    expect(compute(pod, runtimeOf(sandbox(), instance('app'))).containerStatuses?.[0]).toMatchObject({
      resources,
      allocatedResources: { cpu: '100m' },
    });
  });

  it('tells the end of a container once when it is left dead instead of being restarted', () => {
    const crashed = runtimeOf(sandbox(), instance('app', exited(1)));
    const reasons = new Map([['app', { reason: 'CrashLoopBackOff' }]]);
    const waiting = compute(podOf({}), crashed, { reasons });
    expect(waiting.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(1);
    const ended = compute(podOf({}, { status: waiting }), crashed, { reasons, terminal: true }).containerStatuses?.[0];
    expect(ended).toMatchObject({ state: { terminated: { exitCode: 1 } }, lastState: {} });
  });

  it('tells of no container of a pod that has ended that it waits', () => {
    const pod = podOf({ containers: [container('app'), container('none')] });
    const status = compute(pod, runtimeOf(sandbox(), instance('app', exited(0))), { terminal: true });
    expect(status.phase).toBe('Failed');
    expect(status.containerStatuses?.map(({ state }) => state?.terminated?.reason)).toEqual([
      'Completed',
      'ContainerStatusUnknown',
    ]);
  });

  it('shares out what the containers of a pod may say of their ends', () => {
    const many = Array.from({ length: 12 }, (_, i) => container(`c${i}`));
    const terminationMessage = 'x'.repeat(4096);
    const instances = many.map(({ name }) => instance(name, { ...exited(1), terminationMessage }));
    const status = compute(podOf({ containers: many, restartPolicy: 'Never' }), runtimeOf(sandbox(), ...instances));
    const messages = status.containerStatuses?.map(({ state }) => state?.terminated?.message?.length);
    expect(messages).toEqual(many.map(() => 1024));
  });

  it('tells how volumes are mounted, from the first moment on', () => {
    const volumeMounts = [
      { name: 'data', mountPath: '/data', subPath: 'x', readOnly: false },
      { name: 'token', mountPath: '/token', readOnly: true },
    ];
    const pod = podOf({ containers: [container('app', { volumeMounts })] });
    const expected = [
      { name: 'data', mountPath: '/data' },
      { name: 'token', mountPath: '/token', readOnly: true, recursiveReadOnly: 'Disabled' },
    ];
    for (const runtime of [runtimeOf(), runtimeOf(sandbox(), instance('app'))]) {
      expect(compute(pod, runtime).containerStatuses?.[0]?.volumeMounts).toEqual(expected);
    }
  });

  it('tells of a resize', () => {
    const pending = { type: 'PodResizePending', status: 'True', reason: 'Deferred', observedGeneration: 1 };
    const pod = podOf({}, { metadata: { name: 'web', generation: 2 } });
    const status = compute(pod, runtimeOf(sandbox(), instance('app')), { resizeConditions: [pending] });
    expect(condition(status, 'PodResizePending')).toEqual({
      ...pending,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
    const over = compute({ ...pod, status }, runtimeOf(sandbox(), instance('app')));
    expect(condition(over, 'PodResizePending')).toBeUndefined();
  });

  it('waits for init containers with PodInitializing', () => {
    const pod = podOf({ initContainers: [container('i1')] });
    const status = compute(pod, runtimeOf(sandbox(), instance('i1')));
    expect(status.phase).toBe('Pending');
    expect(status.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing');
    expect(condition(status, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [i1]',
    });
  });

  it('moves the end of a crashed container to its last state while it backs off', () => {
    const reasons = new Map([['app', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]]);
    const status = compute(podOf({}), runtimeOf(sandbox(), instance('app', exited(3), { restartCount: 1 })), {
      reasons,
    });
    expect(status.phase).toBe('Running');
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
  });

  it.each([
    ['Completed', exited(0)],
    ['Error', exited(1)],
    ['OOMKilled', { ...exited(137), oomKilled: true }],
    ['ContainerCannotRun', { ...exited(128), startedAtMs: undefined, error: 'no such file' }],
  ])('calls an end %s', (reason, more) => {
    const status = compute(podOf({ restartPolicy: 'Never' }), runtimeOf(sandbox(), instance('app', more)));
    expect(status.containerStatuses?.[0]?.state?.terminated?.reason).toBe(reason);
  });

  it.each([
    ['Always', [0], 'Running'],
    ['OnFailure', [0], 'Succeeded'],
    ['OnFailure', [1], 'Running'],
    ['Never', [0, 0], 'Succeeded'],
    ['Never', [0, 1], 'Failed'],
  ])('derives the phase of %s with exit codes %s', (restartPolicy, codes, phase) => {
    const pod = podOf({ restartPolicy, containers: codes.map((_, i) => container(`c${i}`)) });
    const ended = codes.map((code, i) => instance(`c${i}`, exited(code)));
    expect(compute(pod, runtimeOf(sandbox(), ...ended)).phase).toBe(phase);
  });

  const on42 = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } };
  const notOn42 = { action: 'Restart', exitCodes: { operator: 'NotIn', values: [42] } };
  it.each([
    ['a rule that matches', { restartPolicy: 'Never', restartPolicyRules: [on42] }, 42, 'Running'],
    ['no rule that matches', { restartPolicy: 'Never', restartPolicyRules: [on42] }, 1, 'Failed'],
    ['a rule for other codes', { restartPolicy: 'Never', restartPolicyRules: [notOn42] }, 1, 'Running'],
    ['its own policy', { restartPolicy: 'OnFailure' }, 1, 'Running'],
    ['its own policy after success', { restartPolicy: 'OnFailure' }, 0, 'Succeeded'],
  ])('derives the phase of a pod that restarts nothing from a container with %s', (_, own, code, phase) => {
    const pod = podOf({ restartPolicy: 'Never', containers: [container('app', own)] });
    expect(compute(pod, runtimeOf(sandbox(), instance('app', exited(code)))).phase).toBe(phase);
  });

  it.each([
    ['Always', 'Never', 'Failed'],
    ['Never', 'OnFailure', 'Pending'],
  ])('lets an init container of a pod with %s fail by its own policy %s', (restartPolicy, own, phase) => {
    const pod = podOf({ restartPolicy, initContainers: [container('init', { restartPolicy: own })] });
    expect(compute(pod, runtimeOf(sandbox(), instance('init', exited(1)))).phase).toBe(phase);
  });

  it('fails a pod whose containers were killed when it ends', () => {
    const status = compute(podOf({}), runtimeOf(instance('app', exited(137))), { terminal: true });
    expect(status.phase).toBe('Failed');
    expect(condition(status, 'Ready')?.reason).toBe('PodFailed');
  });

  it('never leaves a terminal phase', () => {
    const pod = podOf({}, { status: { phase: 'Succeeded' } });
    expect(compute(pod, runtimeOf()).phase).toBe('Succeeded');
  });

  it('keeps conditions of others and the time of conditions that did not change', () => {
    const conditions = [
      { type: 'Ready', status: 'False', lastTransitionTime: '2025-01-01T00:00:00Z' },
      { type: 'example.com/gate', status: 'False' },
    ];
    const pod = podOf(
      { readinessGates: [{ conditionType: 'example.com/gate' }] },
      { status: { conditions: conditions } },
    );
    const status = compute(pod, runtimeOf(sandbox(), instance('app')));
    expect(condition(status, 'example.com/gate')).toEqual(conditions[1]);
    expect(condition(status, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'the status of pod readiness gate "example.com/gate" is not "True", but False',
      lastTransitionTime: '2025-01-01T00:00:00Z',
    });
  });

  it('takes the verdict of an eviction or a rejection', () => {
    const verdict = { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' } as const;
    expect(compute(podOf({}), runtimeOf(), { verdict })).toMatchObject(verdict);
  });

  it('names no containers of a pod that the node refused, also later, but those of one that waited for its image', () => {
    const verdict = { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected' } as const;
    const refused = compute(podOf({}), runtimeOf(), { verdict });
    expect(refused.containerStatuses).toBeUndefined();
    expect(compute(podOf({}, { status: refused }), runtimeOf()).containerStatuses).toBeUndefined();
    const waiting = compute(podOf({}), runtimeOf());
    const late = compute(podOf({}, { status: waiting }), runtimeOf(), { verdict });
    expect(late.containerStatuses?.[0]).toMatchObject({ name: 'app', state: { waiting: {} } });
  });
});

describe('withoutEnd', () => {
  const ended: PodStatus = {
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    conditions: [{ type: 'Ready', status: 'False' }],
  };

  it('keeps the phase of a pod whose last containers still run, and all else', () => {
    expect(withoutEnd(ended, { phase: 'Running' })).toEqual({ phase: 'Running', conditions: ended.conditions });
    expect(withoutEnd(ended, undefined).phase).toBe('Pending');
  });

  it('never takes an end back', () => {
    expect(withoutEnd(ended, { phase: 'Failed' })).toBe(ended);
    const running: PodStatus = { phase: 'Running' };
    expect(withoutEnd(running, { phase: 'Running' })).toBe(running);
  });
});
