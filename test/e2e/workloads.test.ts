/** The daily round of a kubectl user: run, create, look, change, delete. */
import { spawn } from 'node:child_process';
import { itSince } from '../support/kubectl-features';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('workloads');
const { kubectl } = ns;

describe('kubectl run and create', () => {
  it('runs a pod and prints it as upstream does', async () => {
    expect(await kubectl('run', 'web', '--image=kubelab/demo:v1', '--port=8080')).toBe('pod/web created\n');
    await kubectl('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s');
    const [header, row] = (await kubectl('get', 'pod', 'web', '-o', 'wide')).split('\n');
    expect(header?.split(/\s{2,}/)).toEqual([
      'NAME',
      'READY',
      'STATUS',
      'RESTARTS',
      'AGE',
      'IP',
      'NODE',
      'NOMINATED NODE',
      'READINESS GATES',
    ]);
    expect(row).toMatch(/^web\s+1\/1\s+Running\s+0\s+\d+s\s+10\.\d+\.\d+\.\d+\s+[a-z0-9]+-\d\s+<none>\s+<none>\s*$/);
    expect(await kubectl('get', 'pod', 'web', '-o', 'jsonpath={.status.phase} {.status.qosClass}')).toBe(
      'Running BestEffort',
    );
  });

  it('describes the pod with its events in order', async () => {
    // Events are sent in the background.
    const text = await until('the last event', async () => {
      const described = await kubectl('describe', 'pod', 'web');
      return /Normal\s+Started/.test(described) && described;
    });
    expect(text).toMatch(/Status:\s+Running/);
    expect(text).toMatch(/Container ID:\s+docker:\/\/[0-9a-f]{64}/);
    expect(text).toMatch(/kube-api-access-\w{5}:\s+Type:\s+Projected/);
    expect(text.replace(/\s+/g, ' ')).toContain('Successfully assigned workloads/web to ');
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started'])
      expect(text).toMatch(new RegExp(`Normal\\s+${reason}`));
  });

  it('creates a deployment, scales it and spreads it over the nodes', async () => {
    await kubectl('create', 'deployment', 'spread', '--image=kubelab/demo:v1', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/spread', '--timeout=60s');
    const nodes = await kubectl('get', 'pods', '-l', 'app=spread', '-o', 'jsonpath={.items[*].spec.nodeName}');
    expect(new Set(nodes.split(' ')).size).toBe(3);
    await kubectl('scale', 'deployment/spread', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/spread', '--timeout=60s');
    const columns = await kubectl(
      'get',
      'deployment',
      'spread',
      '-o',
      'custom-columns=R:.status.readyReplicas',
      '--no-headers',
    );
    expect(columns.trim()).toBe('5');
  });

  it('replaces a deleted pod of a deployment', async () => {
    const before = (await kubectl('get', 'pods', '-l', 'app=spread', '-o', 'name')).trim().split('\n');
    await kubectl('delete', before[0] ?? '');
    await kubectl('rollout', 'status', 'deployment/spread', '--timeout=60s');
    const after = (await kubectl('get', 'pods', '-l', 'app=spread', '-o', 'name')).trim().split('\n');
    expect(after).toHaveLength(5);
    expect(after).not.toContain(before[0]);
  });

  it('replaces pods that are deleted by force, and still ends those deleted in order', async () => {
    await kubectl('delete', 'pods', '-l', 'app=spread', '--force', '--grace-period=0');
    await kubectl('rollout', 'status', 'deployment/spread', '--timeout=60s');
    await kubectl('delete', 'pods', '-l', 'app=spread', '--now', '--timeout=30s');
    expect(await kubectl('rollout', 'status', 'deployment/spread', '--timeout=60s')).toContain(
      'successfully rolled out',
    );
  });

  it('deletes a deployment with everything it owns', async () => {
    await kubectl('delete', 'deployment', 'spread');
    await kubectl('wait', '--for=delete', 'pods', '-l', 'app=spread', '--timeout=60s');
    expect(await kubectl('get', 'replicasets', '-l', 'app=spread', '-o', 'name')).toBe('');
  });
});

describe('changing objects', () => {
  beforeAll(async () => {
    await kubectl('create', 'configmap', 'settings', '--from-literal=color=blue');
  });

  it('labels, annotates and patches in three ways', async () => {
    await kubectl('label', 'configmap', 'settings', 'tier=front');
    await kubectl('annotate', 'configmap', 'settings', 'note=hello');
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"size":"large"}}');
    await kubectl('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"color":null}}');
    await kubectl(
      'patch',
      'configmap',
      'settings',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/data/shape","value":"round"}]',
    );
    const object = JSON.parse(await kubectl('get', 'configmap', 'settings', '-o', 'json')) as Record<string, any>;
    expect(object.data).toEqual({ size: 'large', shape: 'round' });
    expect(object.metadata.labels).toEqual({ tier: 'front' });
    expect(object.metadata.annotations).toEqual({ note: 'hello' });
    expect(await kubectl('get', 'configmap', '-l', 'tier=front', '-o', 'name')).toBe('configmap/settings\n');
  });

  it('edits with an editor', async () => {
    const result = await ns.run(['edit', 'configmap', 'settings'], {
      env: { ...process.env, KUBECONFIG: ns.cluster.kubeconfig, KUBE_EDITOR: "sed -i 's/round/square/'" },
    });
    expect(result.stdout).toBe('configmap/settings edited\n');
    expect(await kubectl('get', 'configmap', 'settings', '-o', 'jsonpath={.data.shape}')).toBe('square');
  });

  it('replaces, and refuses a stale resourceVersion', async () => {
    const object = JSON.parse(await kubectl('get', 'configmap', 'settings', '-o', 'json')) as Record<string, any>;
    const next = { ...object, data: { only: 'this' } };
    await ns.run(['replace', '-f', '-'], { input: JSON.stringify(next) });
    const stale = await ns.run(['replace', '-f', '-'], { input: JSON.stringify(next), allowFailure: true });
    expect(stale.code).toBe(1);
    expect(stale.stderr).toContain(
      'Operation cannot be fulfilled on configmaps "settings": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('shows a diff and nothing when there is none', async () => {
    const manifest = (value: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'diffed' }, data: { value } });
    await ns.apply(manifest('one'));
    const same = await ns.run(['diff', '-f', '-'], { input: manifest('one'), allowFailure: true });
    expect([same.code, same.stdout]).toEqual([0, '']);
    const other = await ns.run(['diff', '-f', '-'], { input: manifest('two'), allowFailure: true });
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/-\s+value: one\n\+\s+value: two/);
  });

  it('applies what changed and tells what did not', async () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a: '1', b: '2' } };
    expect(await ns.apply(manifest)).toBe('configmap/applied created\n');
    expect(await ns.apply(manifest)).toBe('configmap/applied unchanged\n');
    expect(await ns.apply({ ...manifest, data: { a: '1' } })).toBe('configmap/applied configured\n');
    expect(await kubectl('get', 'configmap', 'applied', '-o', 'jsonpath={.data}')).toBe('{"a":"1"}');
  });
});

describe('asking about the API', () => {
  it('lists resources and explains them', async () => {
    const resources = await kubectl('api-resources', '--no-headers');
    expect(resources).toMatch(/^pods\s+po\s+v1\s+true\s+Pod$/m);
    expect(resources).toMatch(/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m);
    const explanation = await kubectl('explain', 'deployment.spec.strategy', '--recursive');
    expect(explanation).toContain('rollingUpdate');
    expect(explanation).toContain('maxSurge');
  });

  it('answers who may do what', async () => {
    expect(await kubectl('auth', 'can-i', 'create', 'pods')).toBe('yes\n');
    const denied = await ns.run(['auth', 'can-i', 'list', 'secrets', '--as=system:serviceaccount:workloads:default'], {
      allowFailure: true,
    });
    expect([denied.code, denied.stdout]).toEqual([1, 'no\n']);
  });

  itSince(27, 'auth whoami')('answers who one is', async () => {
    const fields = 'jsonpath={.status.userInfo.username} {.status.userInfo.extra}';
    expect(await kubectl('auth', 'whoami', '-o', fields)).toMatch(
      /^kubernetes-admin \{"authentication\.kubernetes\.io\/credential-id":\["X509SHA256=[0-9a-f]{64}"\]\}$/,
    );
  });

  itSince(27, 'auth whoami')('issues a token that authenticates as its service account', async () => {
    const token = (await kubectl('create', 'token', 'default')).trim();
    const { server } = await ns.cluster.facts();
    const { stdout } = await ns.run([
      'auth',
      'whoami',
      '--kubeconfig=/dev/null',
      `--server=${server}`,
      '--insecure-skip-tls-verify',
      `--token=${token}`,
      '-o',
      'json',
    ]);
    expect(JSON.parse(stdout).status.userInfo).toMatchObject({
      username: 'system:serviceaccount:workloads:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:workloads', 'system:authenticated'],
    });
  });

  itSince(26, 'events')('prints events', async () => {
    expect(await kubectl('events', '--for', 'pod/web')).toMatch(/Normal\s+Started\s+Pod\/web/);
  });
});

describe('watching', () => {
  it('streams changes as they happen', async () => {
    const where = ['--kubeconfig', ns.cluster.kubeconfig, '-n', ns.name];
    const child = spawn('kubectl', [...where, 'get', 'configmaps', '--watch-only', '--output-watch-events']);
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    try {
      await kubectl('create', 'configmap', 'watched');
      // The watch may begin after this; a later change is always seen.
      await until('a change', async () => {
        await kubectl('label', 'configmap', 'watched', `at=${Date.now()}`, '--overwrite');
        return /MODIFIED\s+watched\s/.test(seen);
      });
      await kubectl('delete', 'configmap', 'watched');
      await until('the end', () => /DELETED\s+watched\s/.test(seen));
    } finally {
      child.kill();
    }
  });
});
