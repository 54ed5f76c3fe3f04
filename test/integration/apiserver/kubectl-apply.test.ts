/** kubectl with server-side apply, as people use it. */
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

const manifest = (name: string, replicas: number | undefined, image = 'web:1'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}}}
spec:${replicas === undefined ? '' : `\n  replicas: ${replicas}`}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: web, image: "${image}", ports: [{containerPort: 80}]}
`;

const versions = [undefined, '1.27'].filter((minor) => minor === undefined || existsSync(kubectlOf(minor)));

describe.each(versions.map((minor) => [minor ?? 'on the PATH', minor] as const))('kubectl %s', (_label, minor) => {
  const suffix = (minor ?? 'path').replace('.', '-');
  const run = (args: string[], input?: string) =>
    server.kubectl(args, { ...(minor && { minor }), ...(input !== undefined && { input }) });
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const replicasOf = (name: string): Promise<string> =>
    kubectl(['get', 'deploy', name, '-o=jsonpath={.spec.replicas}']);

  it('applies on the server, conflicts, forces and diffs', async () => {
    const name = `ssa-${suffix}`;
    const serverSide = ['apply', '--server-side', '-f', '-'];
    expect(await kubectl(serverSide, manifest(name, 2))).toBe(`deployment.apps/${name} serverside-applied`);
    expect(await kubectl(serverSide, manifest(name, 2))).toBe(`deployment.apps/${name} serverside-applied`);
    await kubectl(['scale', 'deploy', name, '--replicas=5']);
    const refused = await run(serverSide, manifest(name, 3));
    expect(refused.code).toBe(1);
    // An old kubectl goes by the name of its file.
    expect(refused.stderr).toMatch(
      /Apply failed with 1 conflict: conflict with "kubectl[.\d]*" with subresource "scale" using apps\/v1: .spec.replicas/,
    );
    const diff = await run(['diff', '--server-side', '--force-conflicts', '-f', '-'], manifest(name, 3, 'web:2'));
    expect(diff).toMatchObject({ code: 1 });
    expect(diff.stdout).toMatch(/^-.*image: web:1$/m);
    expect(diff.stdout).toMatch(/^\+.*image: web:2$/m);
    expect(await replicasOf(name)).toBe('5');
    await kubectl([...serverSide, '--force-conflicts'], manifest(name, 3));
    expect(await replicasOf(name)).toBe('3');
    // Before 1.21 they are always shown.
    const show = minor !== undefined || kubectlMinor() >= 21 ? ['--show-managed-fields'] : [];
    const shown = await kubectl(['get', 'deploy', name, '-o', 'yaml', ...show]);
    expect(shown).toMatch(/manager: kubectl\n {4}operation: Apply\n/);
    expect(await kubectl(['get', 'deploy', name, '-o', 'yaml'])).not.toContain('managedFields');
    await kubectl(serverSide, manifest(name, undefined));
    expect(await replicasOf(name)).toBe('1');
  });

  it('goes over from client-side apply, and back', async () => {
    const name = `migrated-${suffix}`;
    await kubectl(['apply', '-f', '-'], manifest(name, 2));
    await kubectl(['apply', '--server-side', '-f', '-'], manifest(name, 3, 'web:2'));
    expect(await replicasOf(name)).toBe('3');
    const managers = await kubectl(['get', 'deploy', name, '-o=jsonpath={.metadata.managedFields[*].manager}']);
    expect(managers.split(' ')).toContain('kubectl');
    await kubectl(['apply', '--server-side', '-f', '-'], manifest(name, undefined, 'web:2'));
    expect(await replicasOf(name)).toBe('1');
    const annotation = '-o=jsonpath={.metadata.annotations.kubectl\\.kubernetes\\.io/last-applied-configuration}';
    expect(await kubectl(['get', 'deploy', name, annotation])).toContain('"image":"web:2"');
    expect(await kubectl(['apply', '-f', '-'], manifest(name, 4, 'web:3'))).toBe(`deployment.apps/${name} configured`);
    expect(await replicasOf(name)).toBe('4');
  });

  it('tells managers apart by its verbs, and strict fields', async () => {
    const name = `verbs-${suffix}`;
    await kubectl(['create', 'configmap', name, '--from-literal=a=1']);
    await kubectl(['label', 'configmap', name, 'x=y']);
    await kubectl(['annotate', 'configmap', name, 'x=y', '--field-manager=mine']);
    const managers = await kubectl(['get', 'cm', name, '-o=jsonpath={.metadata.managedFields[*].manager}']);
    expect(managers.split(' ').sort()).toEqual(['kubectl-create', 'kubectl-label', 'mine']);
    const dry = await kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], manifest(`dry-${suffix}`, 1));
    expect(dry).toBe(`deployment.apps/dry-${suffix} serverside-applied (server dry run)`);
    const unknown = await run(
      ['apply', '--server-side', '--validate=false', '-f', '-'],
      manifest(name, 1).replace('replicas', 'replicaz'),
    );
    expect(unknown.stderr).toContain('.spec.replicaz: field not declared in schema');
  });
});
