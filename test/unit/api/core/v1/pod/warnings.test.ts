import { FieldPath } from '../../../../../../api/meta/field-error';
import { podTemplateWarnings, podWarnings } from '../../../../../../api/core/v1/pod/warnings';

const main = { name: 'main', image: 'i' };
const warningsOf = (spec: object, annotations: Record<string, string> = {}): string[] =>
  podWarnings({ metadata: { name: 'a', annotations }, spec: { containers: [main], ...spec } });
const port = (containerPort: number, rest: object = {}) => ({ containerPort, protocol: 'TCP', ...rest });
const ports = (...list: object[]) => ({ containers: [{ ...main, ports: list }] });
const env = (...list: object[]) => ({ containers: [{ ...main, env: list }] });
const second = 'spec.containers[0].ports[1]';
const hides = 'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply';
const seccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead';

it.each<[string, object, string[]]>([
  ['nothing', {}, []],
  ['no label of the name of a property', { nodeSelector: { constructor: 'a' } }, []],
  [
    'old labels of nodes',
    {
      nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
      topologySpreadConstraints: [{ topologyKey: 'failure-domain.beta.kubernetes.io/zone', labelSelector: {} }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }] }],
          },
        },
      },
    },
    [
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
      'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    ],
  ],
  [
    'terms that select no pod',
    {
      topologySpreadConstraints: [{ topologyKey: 'a' }],
      affinity: {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'a' }] },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: { topologyKey: 'a' } }],
        },
      },
    },
    [
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
      'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
      'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
    ],
  ],
  [
    'volumes that are going',
    {
      volumes: [
        { name: 'v', gitRepo: { repository: 'r' } },
        { name: 'w', cephfs: {} },
      ],
    },
    [
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
      'spec.volumes[1].cephfs: deprecated in v1.28, non-functional in v1.31+',
    ],
  ],
  [
    'files at the path of a token',
    {
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [{ serviceAccountToken: { path: 'token' } }, { secret: { items: [{ key: 'a', path: 'token' }] } }],
          },
        },
      ],
    },
    ['spec.volumes[0].projected.sources.secrets[0]: has duplicated path with ServiceAccountToken "token"'],
  ],
  [
    'entries that merge into one',
    {
      hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }],
      imagePullSecrets: [{ name: 'a' }, { name: 'a' }, { name: '' }],
    },
    [
      'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"',
      'spec.imagePullSecrets[1].name: duplicate name "a"',
      'spec.imagePullSecrets[2].name: invalid empty name ""',
    ],
  ],
  [
    'parts of bytes',
    { containers: [{ ...main, resources: { limits: { memory: '100m', cpu: '100m' } } }] },
    ['spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer'],
  ],
  ['variables that hide others', env({ name: 'A', value: '1' }, { name: 'A', value: '2' }), [hides]],
  ['variables that hide by reference', env({ name: 'A', value: '1' }, { name: 'A', valueFrom: {} }), [hides]],
  ['variables that are themselves', env({ name: 'A', value: '1' }, { name: 'A', value: '$(A)' }), [hides]],
  ['variables that build on others', env({ name: 'A', value: '1' }, { name: 'A', value: '$(A)2' }), []],
  [
    'a port twice',
    ports(port(80), port(80)),
    [`${second}: duplicate port definition with spec.containers[0].ports[0]`],
  ],
  ['a port of two protocols', ports(port(80), port(80, { protocol: 'UDP' })), []],
  [
    'a port with and without a port of the host',
    ports(port(80), port(80, { hostPort: 8080 })),
    [`${second}: overlapping port definition with spec.containers[0].ports[0]`],
  ],
  [
    'a port of one and of all addresses',
    ports(port(80, { hostPort: 1 }), port(80, { hostPort: 1, hostIP: '1.1.1.1' })),
    [`${second}: dangerously ambiguous port definition with spec.containers[0].ports[0]`],
  ],
  [
    'negative grace',
    { terminationGracePeriodSeconds: -1 },
    ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  ],
])('warns of %s', (_, spec, expected) => {
  expect(warningsOf(spec)).toEqual(expected);
});

it('warns of annotations that fields have replaced', () => {
  const annotations = {
    'seccomp.security.alpha.kubernetes.io/pod': 'a',
    'container.seccomp.security.alpha.kubernetes.io/main': 'a',
    'container.apparmor.security.beta.kubernetes.io/main': 'a',
    'scheduler.alpha.kubernetes.io/critical-pod': '',
  };
  const warnings = [
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    `metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: ${seccomp}`,
    `metadata.annotations[container.seccomp.security.alpha.kubernetes.io/main]: ${seccomp}`,
  ];
  expect(warningsOf({}, annotations)).toEqual(warnings);
  const template = { metadata: { annotations }, spec: { containers: [main] } };
  expect(podTemplateWarnings(template, undefined, FieldPath.of('spec', 'template'))).toEqual([
    ...warnings.map((text) => `spec.template.${text}`),
    'spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: deprecated since v1.30; use the "appArmorProfile" field instead',
  ]);
});

it('warns of names that make no hostname', () => {
  const pod = { metadata: { name: 'a.b' }, spec: { containers: [main] } };
  expect(podWarnings(pod)).toEqual([
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
  ]);
});

it('does not repeat itself when nothing changes', () => {
  const pod = { spec: { containers: [main], terminationGracePeriodSeconds: -1 } };
  expect(podWarnings(pod, structuredClone(pod))).toEqual([]);
});
