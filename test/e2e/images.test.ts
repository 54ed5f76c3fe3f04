/** Images from a real registry: pulled by policy, refused, private, and told about in events. */
import { run } from '../../component-base/run-command';
import { registryUser, type Registry, startRegistry } from '../support/registry';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('images');
const { kubectl } = ns;

let open: Registry;
let locked: Registry;
const pulled: string[] = [];

beforeAll(async () => {
  [open, locked] = await Promise.all([startRegistry(), startRegistry({ credentials: true })]);
  await Promise.all([open.push('kubelab/demo:v1', 'demo:latest'), locked.push('kubelab/demo:v1', 'private/demo:1')]);
  pulled.push(`${open.host}/demo:latest`, `${locked.host}/private/demo:1`);
});

afterAll(async () => {
  await kubectl('delete', 'pods', '--all', '--force', '--grace-period=0');
  await until('unused images', async () => {
    const result = await run('docker', ['rmi', '-f', ...pulled], { allowFailure: true });
    return result.code === 0 || result.stderr.includes('No such image');
  });
  await Promise.all([open?.stop(), locked?.stop()]);
});

const pod = (name: string, image: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }], ...more },
});

const waitingReason = (name: string): Promise<string> =>
  kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}');

/** The pod's events, one `Type Reason Message` each. */
const eventsOf = (name: string): Promise<string> =>
  kubectl(
    'get',
    'events',
    `--field-selector=involvedObject.name=${name}`,
    '-o',
    'jsonpath={range .items[*]}{.type} {.reason} {.message}{"\\n"}{end}',
  );

const untilEvent = (name: string, pattern: RegExp): Promise<string> =>
  until(`an event ${String(pattern)}`, async () => {
    const text = await eventsOf(name);
    return pattern.test(text) && text;
  });

describe('a public image', () => {
  it('is pulled, says how long that took, and is named by its digest', async () => {
    await ns.apply(pod('pulling', `${open.host}/demo`));
    await kubectl('wait', '--for=condition=Ready', 'pod/pulling', '--timeout=60s');
    const events = await untilEvent('pulling', /Normal Started/);
    expect(events).toContain(`Normal Pulling Pulling image "${open.host}/demo"\n`);
    expect(events).toMatch(
      /Normal Pulled Successfully pulled image "127\.0\.0\.1:\d+\/demo" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\./,
    );
    const path = 'jsonpath={.spec.containers[0].imagePullPolicy} {.status.containerStatuses[0].imageID}';
    expect(await kubectl('get', 'pod', 'pulling', '-o', path)).toMatch(
      /^Always docker-pullable:\/\/127\.0\.0\.1:\d+\/demo@sha256:[0-9a-f]{64}$/,
    );
  });

  it('is pulled anew under Always, so that a moved tag is followed', async () => {
    await open.push('kubelab/demo:v2', 'moving:1');
    await ns.apply(pod('before', `${open.host}/moving:1`));
    await kubectl('wait', '--for=condition=Ready', 'pod/before', '--timeout=60s');
    await open.push('kubelab/demo:v1', 'moving:1');
    const always = { containers: [{ name: 'main', image: `${open.host}/moving:1`, imagePullPolicy: 'Always' }] };
    await ns.apply(pod('after', '', always));
    await ns.apply(
      pod('kept', `${open.host}/demo:latest`, {
        containers: [{ name: 'main', image: `${open.host}/demo:latest`, imagePullPolicy: 'IfNotPresent' }],
      }),
    );
    await kubectl('wait', '--for=condition=Ready', 'pod/after', 'pod/kept', '--timeout=60s');
    const imageOf = (name: string): Promise<string> =>
      kubectl('get', 'pod', name, '-o', 'jsonpath={.status.containerStatuses[0].imageID}');
    expect(await imageOf('after')).not.toBe(await imageOf('before'));
    expect(await untilEvent('kept', /Normal Started/)).toMatch(
      /Normal Pulled Container image "127\.0\.0\.1:\d+\/demo:latest" already present on machine/,
    );
    pulled.push(`${open.host}/moving:1`);
  });
});

describe('an image that cannot be had', () => {
  it('backs off with events, and starts once the registry has it', async () => {
    await ns.apply(pod('late', `${open.host}/late:1`));
    await until('ImagePullBackOff', async () => (await waitingReason('late')) === 'ImagePullBackOff');
    const events = await untilEvent('late', /Normal BackOff/);
    expect(events).toMatch(/Warning Failed Failed to pull image "127\.0\.0\.1:\d+\/late:1": .*manifest unknown/);
    expect(events).toContain('Warning Failed Error: ErrImagePull\n');
    expect(events).toMatch(/Normal BackOff Back-off pulling image "127\.0\.0\.1:\d+\/late:1"/);
    await open.push('kubelab/demo:v1', 'late:1');
    await kubectl('wait', '--for=condition=Ready', 'pod/late', '--timeout=60s');
    pulled.push(`${open.host}/late:1`);
  });

  it('says so when its name is none', async () => {
    await ns.apply(pod('misnamed', 'Not//AnImage'));
    await until('InvalidImageName', async () => (await waitingReason('misnamed')) === 'InvalidImageName');
    expect(await untilEvent('misnamed', /InspectFailed/)).toContain(
      'Failed to apply default image tag "Not//AnImage": couldn\'t parse image name "Not//AnImage"',
    );
  });
});

describe('a private image', () => {
  it('is refused without credentials', async () => {
    await ns.apply(pod('stranger', `${locked.host}/private/demo:1`));
    await until('a failed pull', async () => /ErrImagePull|ImagePullBackOff/.test(await waitingReason('stranger')));
    expect(await untilEvent('stranger', /Failed to pull/)).toMatch(/no basic auth credentials|unauthorized/);
    await kubectl('delete', 'pod', 'stranger');
  });

  it("is pulled with the pod's or its service account's imagePullSecrets", async () => {
    const { username, password } = registryUser;
    await kubectl(
      'create',
      'secret',
      'docker-registry',
      'pull',
      `--docker-server=${locked.host}`,
      `--docker-username=${username}`,
      `--docker-password=${password}`,
    );
    await ns.apply(pod('guest', `${locked.host}/private/demo:1`, { imagePullSecrets: [{ name: 'pull' }] }));
    await kubectl('wait', '--for=condition=Ready', 'pod/guest', '--timeout=60s');
    await kubectl('patch', 'serviceaccount', 'default', '-p', '{"imagePullSecrets":[{"name":"pull"}]}');
    const container = { name: 'main', image: `${locked.host}/private/demo:1`, imagePullPolicy: 'Always' };
    await until('the secret in a new pod', async () => {
      await ns.apply(pod('member', '', { containers: [container] }));
      const named = await kubectl('get', 'pod', 'member', '-o', 'jsonpath={.spec.imagePullSecrets[*].name}');
      if (named === 'pull') return true;
      await kubectl('delete', 'pod', 'member');
      return false;
    });
    await kubectl('wait', '--for=condition=Ready', 'pod/member', '--timeout=60s');
    expect(await untilEvent('member', /Normal Started/)).toContain('Successfully pulled image');
  });
});
