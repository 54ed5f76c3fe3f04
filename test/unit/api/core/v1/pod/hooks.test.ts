import { pods } from '../../../../../../api/core/v1/pod';
import { setPodDefaults } from '../../../../../../api/core/v1/pod/defaults';
import type { Pod, PodSpec, PodStatus } from '../../../../../../api/core/v1/pod/types';
import { type FieldError, formatFieldError } from '../../../../../../api/meta/field-error';

const make = (spec: Partial<PodSpec> = {}, status?: PodStatus): Pod => {
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
    status,
  };
  setPodDefaults(pod);
  return pod;
};
const print = (errors: FieldError[] = []) => errors.map((error) => formatFieldError(error));

describe('creation', () => {
  it('starts as Pending, with its class', () => {
    const pod = make({}, { phase: 'Running' });
    pods.prepareForCreate?.(pod);
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it('shows scheduling gates', () => {
    const pod = make({ schedulingGates: [{ name: 'example.com/gate' }] });
    pods.prepareForCreate?.(pod);
    expect(pod.status?.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' },
    ]);
  });
});

it.each<[string, Pod, number | undefined, number]>([
  ['the default', make({ nodeName: 'n' }), undefined, 30],
  ['what was asked for', make({ nodeName: 'n' }), 5, 5],
  ['nothing before scheduling', make(), 30, 0],
  ['nothing when it is over', make({ nodeName: 'n' }, { phase: 'Failed' }), 30, 0],
  ['one second for a negative period', make({ nodeName: 'n', terminationGracePeriodSeconds: -1 }), undefined, 1],
])('gives a deletion %s', (_, pod, requested, expected) => {
  expect(pods.gracePeriodSeconds?.(pod, requested)).toBe(expected);
});

describe('status', () => {
  const { status: hooks } = pods.subresources!;
  const terminated = { phase: 'Running', containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 0 } } }] };
  const running = { phase: 'Running', containerStatuses: [{ name: 'c', state: { running: {} } }] };

  it('cannot change the spec', () => {
    const old = make({ nodeName: 'a' });
    const pod = make({ nodeName: 'b' }, { phase: 'Running' });
    hooks?.prepareForUpdate?.(pod, old);
    expect(pod.spec?.nodeName).toBe('a');
  });

  it('cannot bring a container back that is not restarted', () => {
    const update = (restartPolicy: string, containers: PodSpec['containers'] = []) =>
      print(
        hooks?.validateUpdate?.(
          make({ restartPolicy, containers }, running as PodStatus),
          make({ restartPolicy, containers }, terminated as PodStatus),
        ),
      );
    expect(update('Always')).toEqual([]);
    const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [0] } };
    const ruled = { name: 'c', restartPolicy: 'Never', restartPolicyRules: [rule] };
    expect(update('Never', [ruled])).toEqual([]);
    expect(update('Never')).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ]);
  });
});

describe('ephemeral containers', () => {
  const hooks = pods.subresources!.update!.ephemeralcontainers!;
  const update = (now: PodSpec['ephemeralContainers'], before: PodSpec['ephemeralContainers'] = []) => {
    const old = make({ ephemeralContainers: before });
    const pod = make({ ephemeralContainers: now, hostNetwork: true });
    hooks.prepareForUpdate?.(pod, old);
    expect(pod.spec?.hostNetwork).toBeUndefined();
    return print(hooks.validateUpdate?.(pod, old));
  };

  it('are added', () => {
    expect(update([{ name: 'debug', image: 'tools', targetContainerName: 'c' }])).toEqual([]);
  });

  it('have a target that exists and no ports', () => {
    expect(
      update([{ name: 'debug', image: 'tools', targetContainerName: 'x', ports: [{ containerPort: 1 }] }]),
    ).toEqual([
      'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ]);
  });

  it('stay', () => {
    expect(update([], [{ name: 'debug', image: 'tools' }])).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    ]);
  });
});

describe('resize', () => {
  const hooks = pods.subresources!.update!.resize!;
  const requesting = (cpu: string, memory?: string): Partial<PodSpec> => ({
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu }, ...(memory && { limits: { memory } }) } }],
  });
  const update = (now: Partial<PodSpec>, before: Partial<PodSpec>) => {
    const old = make(before);
    const pod = make(now);
    hooks.prepareForUpdate?.(pod, old);
    return print(hooks.validateUpdate?.(pod, old));
  };

  it('changes cpu', () => {
    expect(update(requesting('2'), requesting('1'))).toEqual([]);
  });

  it('shrinks memory', () => {
    expect(update(requesting('1', '1Gi'), requesting('1', '2Gi'))).toEqual([]);
  });

  it('takes no resource away', () => {
    expect(update(requesting('1'), requesting('1', '2Gi'))).toEqual([
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
      'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
    ]);
  });

  it('changes no other resource', () => {
    const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } }];
    expect(update({ containers }, requesting('1'))).toEqual([
      'spec: Forbidden: only cpu and memory resources are mutable',
    ]);
  });

  it('names the containers as they are', () => {
    expect(update({ containers: [{ name: 'other', image: 'i' }] }, requesting('1'))).toContain(
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    );
    const [container] = requesting('1').containers!;
    expect(update({ containers: [container!, { name: 'd', image: 'i' }] }, requesting('1'))).toContain(
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    );
  });

  it('keeps the class of the pod', () => {
    expect(update(requesting('1'), { containers: [{ name: 'c', image: 'i' }] })).toContain(
      'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
    );
  });
});
