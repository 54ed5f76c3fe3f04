/** Bad manifests get upstream's words and a non-zero exit, and nothing is made. */
import { kubectlMinor } from '../support/kubectl-features';
import { useNamespace } from '../support/shared-cluster';

const ns = useNamespace('validation');

const deployment = (change: (object: Record<string, any>) => void): string => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bad' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'bad' } },
      template: {
        metadata: { labels: { app: 'bad' } },
        spec: { containers: [{ name: 'web', image: 'kubelab/demo:v1' }] },
      },
    },
  };
  change(object);
  return JSON.stringify(object);
};

const service = (ports: object[]): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'bad' },
    spec: { selector: { app: 'x' }, ports },
  });

const cases: [string, string, string[], string][] = [
  [
    'a wrong type',
    deployment((object) => (object.spec.replicas = 'three')),
    ['--validate=false'],
    'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'an unknown field, strictly',
    deployment((object) => (object.spec.replica = 2)),
    [kubectlMinor() >= 25 ? '--validate=strict' : '--validate=true'],
    // Before 1.25 kubectl itself looks, in the OpenAPI document.
    kubectlMinor() >= 25 ? 'strict decoding error: unknown field "spec.replica"' : 'unknown field "replica"',
  ],
  [
    'negative replicas',
    deployment((object) => (object.spec.replicas = -1)),
    [],
    'The Deployment "bad" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'a bad name',
    deployment((object) => (object.metadata.name = 'Bad_Name')),
    [],
    'metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters',
  ],
  [
    'a selector that does not match the template',
    deployment((object) => (object.spec.template.metadata.labels = { app: 'other' })),
    [],
    'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`',
  ],
  [
    'no image',
    deployment((object) => delete object.spec.template.spec.containers[0].image),
    [],
    'spec.template.spec.containers[0].image: Required value',
  ],
  [
    'duplicate container names',
    deployment((object) => object.spec.template.spec.containers.push({ name: 'web', image: 'x' })),
    [],
    'spec.template.spec.containers[1].name: Duplicate value: "web"',
  ],
  [
    'duplicate ports',
    service([
      { name: 'a', port: 80 },
      { name: 'b', port: 80 },
    ]),
    [],
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,',
  ],
  ['ports without names', service([{ port: 80 }, { port: 81 }]), [], 'spec.ports[0].name: Required value'],
  [
    'a kind that does not exist',
    JSON.stringify({ apiVersion: 'v1', kind: 'Pood', metadata: { name: 'x' } }),
    ['--validate=false'],
    'no matches for kind "Pood" in version "v1"',
  ],
];

describe('kubectl create -f of invalid objects', () => {
  it.each(cases)('refuses %s', async (_what, manifest, flags, message) => {
    const result = await ns.run(['create', '-f', '-', ...flags], { input: manifest, allowFailure: true });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(message);
    expect((await ns.run(['get', 'deployments,services', '-o', 'name'])).stdout).toBe('');
  });
});

describe('bad changes of an object', () => {
  const configMap = (extra: object): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'target' }, data: { a: 'b' }, ...extra });
  const refusal = async (args: string[], input?: string): Promise<string> => {
    const result = await ns.run(args, { ...(input && { input }), allowFailure: true });
    expect(result.code).toBe(1);
    return result.stderr;
  };
  beforeAll(() => ns.apply(configMap({})));

  it('refuses patches that leave a wrong type, each in its own words', async () => {
    const patch = ['patch', 'configmap', 'target', '-p', '{"data":{"a":1}}'];
    expect(await refusal(patch)).toBe(
      'The request is invalid: patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string\n',
    );
    expect(await refusal([...patch, '--type=merge'])).toMatch(
      /^The request is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal number into Go struct field ConfigMap.data of type string\n$/,
    );
    expect(
      await refusal(['patch', 'configmap', 'target', '--type=json', '-p', '[{"op":"remove","path":"/data/none"}]']),
    ).toMatch(/^The request is invalid(: the server rejected our request due to an error in our request)?\s*$/);
  });

  it('refuses an unknown field in apply', async () => {
    expect(await refusal(['apply', '-f', '-'], configMap({ dada: {} }))).toContain(
      kubectlMinor() >= 25 ? 'strict decoding error: unknown field "dada"' : 'unknown field "dada"',
    );
  });

  it('refuses changes of what never changes', async () => {
    await ns.apply(configMap({ immutable: true }));
    expect(await refusal(['patch', 'configmap', 'target', '-p', '{"data":{"a":"c"}}'])).toBe(
      'The ConfigMap "target" is invalid: data: Forbidden: field is immutable when `immutable` is set\n',
    );
    expect(await refusal(['patch', 'configmap', 'target', '-p', '{"metadata":{"uid":"other"}}'])).toContain(
      'Operation cannot be fulfilled on configmaps "target": Precondition failed: UID in precondition: other, UID in object meta: ',
    );
  });
});
