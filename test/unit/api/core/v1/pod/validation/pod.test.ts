import { setPodDefaults } from '../../../../../../../api/core/v1/pod/defaults';
import type { Pod, PodSpec } from '../../../../../../../api/core/v1/pod/types';
import { validatePod, validatePodUpdate } from '../../../../../../../api/core/v1/pod/validation/pod';
import { formatFieldError } from '../../../../../../../api/meta/field-error';

const podWith = (spec: Partial<PodSpec>): Pod => {
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'n' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  };
  setPodDefaults(pod);
  return pod;
};
const inContainer = (more: object): Partial<PodSpec> => ({ containers: [{ name: 'c', image: 'i', ...more }] });
const errorsOf = (spec: object): string[] => validatePod(podWith(spec)).map((error) => formatFieldError(error));

/** Of a name that was left out. */
const unnamed = (path: string): string[] => [
  `${path}: Invalid value: "": name part must be non-empty`,
  `${path}: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
];
const affinity = 'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]';

const port = (more: object) => ({ containerPort: 80, ...more });
const cases: [string, object, string[]][] = [
  ['nothing wrong', {}, []],
  ['no containers', { containers: [] }, ['spec.containers: Required value']],
  ['nothing but resources', { containers: undefined, resources: {} }, ['spec.containers: Required value']],
  ['no image', inContainer({ image: '' }), ['spec.containers[0].image: Required value']],
  ['a readiness gate of no type', { readinessGates: [{}] }, unnamed('spec.readinessGates[0].conditionType')],
  [
    'a preference for any node',
    { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } } },
    [],
  ],
  [
    'a preference for no pods in particular',
    { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } } },
    [
      `${affinity}.podAffinityTerm.topologyKey: Required value: can not be empty`,
      ...unnamed(`${affinity}.podAffinityTerm.topologyKey`),
    ],
  ],
  [
    'padded image',
    inContainer({ image: ' i' }),
    ['spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace'],
  ],
  [
    'bad container name',
    { containers: [{ name: 'C_', image: 'i' }] },
    [
      "spec.containers[0].name: Invalid value: \"C_\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    'repeated container name',
    {
      containers: [
        { name: 'c', image: 'i' },
        { name: 'c', image: 'i' },
      ],
    },
    ['spec.containers[1].name: Duplicate value: "c"'],
  ],
  [
    'repeated port name and bad port',
    inContainer({ ports: [port({ name: 'a' }), port({ name: 'a', containerPort: 70000 })] }),
    [
      'spec.containers[0].ports[1].name: Duplicate value: "a"',
      'spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'repeated host port',
    inContainer({ ports: [port({ hostPort: 80 }), port({ hostPort: 80 })] }),
    ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  ],
  [
    'host network with another host port',
    { hostNetwork: true, ...inContainer({ ports: [port({ hostPort: 81 })] }) },
    ['spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true'],
  ],
  [
    'unknown restart policy',
    { restartPolicy: 'Sometimes' },
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
  ],
  [
    'mount of no volume',
    inContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  ],
  [
    'volume with two sources',
    { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/', type: '' } }] },
    ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'backsteps in a config map item',
    { volumes: [{ name: 'v', configMap: { name: 'm', items: [{ key: 'k', path: '../k' }] } }] },
    ['spec.volumes[0].configMap.items[0].path: Invalid value: "../k": must not contain \'..\''],
  ],
  [
    'conflicting projected paths',
    {
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [
              { configMap: { name: 'a', items: [{ key: 'k', path: 'x' }] } },
              { secret: { name: 'b', items: [{ key: 'k', path: 'x' }] } },
            ],
          },
        },
      ],
    },
    ['spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths'],
  ],
  [
    'env from nowhere',
    inContainer({ env: [{ name: 'A', valueFrom: {} }] }),
    [
      'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ],
  ],
  [
    'request above limit',
    inContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
  [
    'unknown resource',
    inContainer({ resources: { requests: { tea: '1' } } }),
    [
      'spec.containers[0].resources.requests[tea]: Invalid value: "tea": must be a standard resource type or fully qualified',
      'spec.containers[0].resources.requests[tea]: Invalid value: "tea": must be a standard resource for containers',
    ],
  ],
  [
    'probe without handler, liveness with threshold',
    inContainer({ livenessProbe: { successThreshold: 2, exec: { command: ['a'] } }, readinessProbe: {} }),
    [
      'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'spec.containers[0].readinessProbe: Required value: must specify a handler type',
    ],
  ],
  [
    'probe of an init container',
    { initContainers: [{ name: 'i', image: 'i', livenessProbe: { exec: { command: ['a'] } } }] },
    [
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'restart rules without a policy, an action, an operator and exit codes',
    inContainer({
      restartPolicyRules: [
        { action: 'RestartAllContainers', exitCodes: { operator: 'Equals', values: [1] } },
        { action: 'Restart' },
      ],
    }),
    [
      'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "RestartAllContainers": supported values: "Restart"',
      'spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Equals": supported values: "In", "NotIn"',
      'spec.containers[0].restartPolicyRules[1].exitCodes: Required value: must be specified',
    ],
  ],
  [
    'sleep longer than the grace period',
    inContainer({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
    [
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 60: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
  [
    'toleration without key',
    { tolerations: [{ operator: 'Equal', value: 'a' }] },
    [
      'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
  [
    'spreading without topology',
    { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'DoNotSchedule' }] },
    [
      'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
      'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
    ],
  ],
  [
    'no nameserver',
    { dnsPolicy: 'None' },
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'token volume without account',
    { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
    [
      'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
    ],
  ],
  [
    'privileged without escalation',
    inContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    [
      'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ],
  [
    'ephemeral containers on create',
    { ephemeralContainers: [{ name: 'e', image: 'i' }] },
    ['spec.ephemeralContainers: Forbidden: cannot be set on create'],
  ],
];

it.each(cases)('validates %s', (_, spec, expected) => {
  expect(errorsOf(spec)).toEqual(expected);
});

describe('updates', () => {
  const update = (change: (spec: PodSpec) => void, old: Partial<PodSpec> = {}): string[] => {
    const before = podWith(old);
    const after = podWith(structuredClone(old));
    change(after.spec!);
    return validatePodUpdate(after, before).map((error) => formatFieldError(error));
  };

  it('allows another image, more tolerations and a shorter deadline', () => {
    const errors = update(
      (spec) => {
        spec.containers[0]!.image = 'other';
        spec.tolerations = [{ key: 'k', operator: 'Exists' }];
        spec.activeDeadlineSeconds = 5;
      },
      { activeDeadlineSeconds: 10 },
    );
    expect(errors).toEqual([]);
  });

  it('refuses any other change, and says which', () => {
    expect(update((spec) => (spec.hostNetwork = true))).toEqual([
      'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  core.PodSpec{\n+ \tHostNetwork: true,\n  }\n',
    ]);
  });

  it.each<[string, (spec: PodSpec) => void, Partial<PodSpec>, string]>([
    [
      'another container',
      (spec) => spec.containers.push({ name: 'd', image: 'i' }),
      {},
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      'a toleration removed',
      (spec) => (spec.tolerations = []),
      { tolerations: [{ key: 'k', operator: 'Exists' }] },
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
    [
      'a longer deadline',
      (spec) => (spec.activeDeadlineSeconds = 20),
      { activeDeadlineSeconds: 10 },
      'spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value',
    ],
  ])('refuses %s', (_, change, old, message) => {
    expect(update(change, old)).toContain(message);
  });
});
