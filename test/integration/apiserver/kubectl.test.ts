/** Unmodified kubectl, in the versions at hand, against the API server alone. */
import { existsSync } from 'node:fs';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { kubectlOf } from '../../support/commands';
import { kubectlMinor } from '../../support/kubectl-features';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const manifest = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: web, image: "web:1", ports: [{containerPort: 80}]}
      - {name: side, image: "side:1"}
`;

const versions = [undefined, '1.27', '1.28', '1.29', '1.31', '1.33'].filter(
  (minor) => minor === undefined || existsSync(kubectlOf(minor)),
);

describe.each(versions.map((minor) => [minor ?? 'on the PATH', minor] as const))('kubectl %s', (_label, minor) => {
  const name = `web-${(minor ?? 'path').replace('.', '-')}`;
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await server.kubectl(args, {
      ...(minor && { minor }),
      ...(input !== undefined && { input }),
    });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };

  it('applies, gets, diffs, patches, labels, annotates, scales and deletes', async () => {
    expect(await kubectl(['apply', '-f', '-'], manifest(name))).toBe(`deployment.apps/${name} created`);
    expect(await kubectl(['apply', '-f', '-'], manifest(name))).toBe(`deployment.apps/${name} unchanged`);
    expect(await kubectl(['get', 'deployment', name])).toMatch(
      new RegExp(`^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\n${name} +0/2 +0 +0 +\\d+s$`),
    );
    const changed = manifest(name).replace('web:1', 'web:2');
    const diff = await server.kubectl(['diff', '-f', '-'], { ...(minor && { minor }), input: changed });
    expect(diff.code).toBe(1);
    expect(diff.stdout).toMatch(/^-.*image: web:1$/m);
    expect(diff.stdout).toMatch(/^\+.*image: web:2$/m);
    expect(await kubectl(['apply', '-f', '-'], changed)).toBe(`deployment.apps/${name} configured`);
    expect(await kubectl(['set', 'image', `deployment/${name}`, 'side=side:3'])).toContain('image updated');
    const images = '-o=jsonpath={.spec.template.spec.containers[*].image}';
    expect(await kubectl(['get', 'deploy', name, images])).toBe('web:2 side:3');
    const jsonPatch = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"web:4"}]';
    expect(await kubectl(['patch', 'deploy', name, '--type=json', '-p', jsonPatch])).toContain('patched');
    await kubectl(['patch', 'deploy', name, '--type=merge', '-p', '{"spec":{"paused":true}}']);
    await kubectl([
      'patch',
      'deploy',
      name,
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:5"}]}}}}',
    ]);
    expect(await kubectl(['get', 'deploy', name, images])).toBe('web:4 side:5');
    expect(await kubectl(['label', 'deploy', name, 'tier=web'])).toContain('labeled');
    expect(await kubectl(['annotate', 'deploy', name, 'note=hello'])).toContain('annotate');
    expect(await kubectl(['scale', 'deploy', name, '--replicas=5'])).toBe(`deployment.apps/${name} scaled`);
    expect(await kubectl(['get', 'deploy', name, '-o=jsonpath={.spec.replicas}'])).toBe('5');
    expect(await kubectl(['get', 'deploy', '-l', 'tier=web', '-o', 'name'])).toContain(`deployment.apps/${name}`);
    expect(await kubectl(['delete', 'deploy', name])).toContain('deleted');
    expect((await server.kubectl(['get', 'deploy', name])).stderr).toBe(
      `Error from server (NotFound): deployments.apps "${name}" not found\n`,
    );
  }, 120_000);

  it('explains, and lists the resources', async () => {
    expect(await kubectl(['explain', 'deployment.spec.replicas'])).toContain('Number of desired pods');
    expect(await kubectl(['explain', 'pods', '--recursive'])).toContain('terminationGracePeriodSeconds');
    const lines = (await kubectl(['api-resources', '--no-headers'])).split('\n');
    expect(lines.find((line) => line.startsWith('deployments '))).toMatch(
      /^deployments +deploy +apps\/v1 +true +Deployment$/,
    );
    expect(await kubectl(['api-versions'])).toContain('apps/v1\n');
    expect(await kubectl(['version'])).toMatch(/Server Version: .*v1\.36/);
  });

  it('tells what is wrong with an object', async () => {
    const unknown = manifest(`${name}-bad`).replace('replicas: 2', 'replicaz: 2');
    // Before 1.25 kubectl itself looks, in the OpenAPI document.
    const isOld = minor === undefined && kubectlMinor() < 25;
    const strict = await server.kubectl(['create', '-f', '-', `--validate=${isOld ? 'true' : 'strict'}`], {
      ...(minor && { minor }),
      input: unknown,
    });
    expect(strict.code).toBe(1);
    expect(strict.stderr).toMatch(
      isOld ? /unknown field "replicaz"/ : /strict decoding error: unknown field "spec.replicaz"/,
    );
    const negative = manifest(`${name}-bad`).replace('replicas: 2', 'replicas: -2');
    const invalid = await server.kubectl(['create', '-f', '-'], { ...(minor && { minor }), input: negative });
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toContain(
      `The Deployment "${name}-bad" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0`,
    );
  });
});
