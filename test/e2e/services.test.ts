/** Services: cluster IPs, node ports, UDP, readiness, affinity, and their names in DNS. */
import { createSocket } from 'node:dgram';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('services');
const { kubectl } = ns;

const inPod = (...command: string[]): Promise<string> => kubectl('exec', 'client', '--', ...command);

/** Not by wget's own time limit: with one, Debian's crashes. */
const wget = (host: string): string[] => ['timeout', '10', 'wget', '-qO-', `http://${host}/`];

const ask = (port: number): Promise<string> =>
  fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then((answer) => answer.text());

beforeAll(async () => {
  await kubectl('create', 'deployment', 'web', '--image=kubelab/demo:v1', '--replicas=3');
  await kubectl('run', 'client', '--image=kubelab/tools:1', '--command', '--', 'sleep', '3600');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=60s');
});

describe('expose --type=NodePort', () => {
  it('is answered by different pods in turn', async () => {
    await kubectl('expose', 'deployment', 'web', '--type=NodePort', '--port=80', '--target-port=8080');
    const port = Number(await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}'));
    await until('the node port answers', () => ask(port));
    const answers = new Set<string>();
    for (let i = 0; i < 6; i++) answers.add(await ask(port));
    expect(answers.size).toBe(3);
  });

  it('answers inside the cluster by address and by every form of its name', async () => {
    const address = await kubectl('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
    for (const host of [address, 'web', 'web.services', 'web.services.svc', 'web.services.svc.cluster.local']) {
      expect(await inPod(...wget(host))).toMatch(/^Hello from web-/);
    }
  });

  it('takes a pod out of rotation within a second of being unready', async () => {
    await ns.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'flaky', labels: { app: 'flaky' } },
      spec: {
        containers: [
          {
            name: 'demo',
            image: 'kubelab/demo:v1',
            readinessProbe: {
              exec: { command: ['test', '!', '-e', '/tmp/unready'] },
              periodSeconds: 1,
              failureThreshold: 1,
            },
          },
        ],
      },
    });
    await kubectl('expose', 'pod', 'flaky', '--port=80', '--target-port=8080');
    await kubectl('wait', '--for=condition=Ready', 'pod/flaky', '--timeout=60s');
    await until('the service answers', () => inPod(...wget('flaky')));
    await kubectl('exec', 'flaky', '--', 'touch', '/tmp/unready');
    await kubectl('wait', '--for=condition=Ready=false', 'pod/flaky', '--timeout=30s');
    await until(
      'the service refuses',
      async () => {
        const result = await ns.run(['exec', 'client', '--', ...wget('flaky')], {
          allowFailure: true,
        });
        return result.code !== 0 && result.stderr.includes('refused');
      },
      { timeoutMs: 5000 },
    );
    await kubectl('exec', 'flaky', '--', 'rm', '/tmp/unready');
    await kubectl('wait', '--for=condition=Ready', 'pod/flaky', '--timeout=30s');
    await until('the service answers again', () => inPod(...wget('flaky')), {
      timeoutMs: 5000,
    });
  });
});

describe('session affinity', () => {
  it('keeps a client at one pod', async () => {
    await kubectl(
      'expose',
      'deployment',
      'web',
      '--name=sticky',
      '--port=80',
      '--target-port=8080',
      '--session-affinity=ClientIP',
    );
    await until('the service answers', () => inPod(...wget('sticky')));
    const answers = new Set<string>();
    for (let i = 0; i < 5; i++) answers.add(await inPod(...wget('sticky')));
    expect(answers.size).toBe(1);
  });
});

describe('UDP', () => {
  it('reaches a pod through the node port and gets its answer', async () => {
    const source = `const socket = require('dgram').createSocket('udp4');
      socket.on('message', (message, from) => socket.send('echo ' + message, from.port, from.address));
      socket.bind(5353);`;
    await kubectl('run', 'echo', '--image=kubelab/node:1', '--labels=app=echo', '--', '-e', source);
    await kubectl('wait', '--for=condition=Ready', 'pod/echo', '--timeout=60s');
    await ns.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'echo' },
      spec: { type: 'NodePort', selector: { app: 'echo' }, ports: [{ port: 53, targetPort: 5353, protocol: 'UDP' }] },
    });
    const port = Number(await kubectl('get', 'service', 'echo', '-o', 'jsonpath={.spec.ports[0].nodePort}'));
    const answer = await until('the echo', () => exchange(port, 'hello'));
    expect(answer).toBe('echo hello');
  });
});

/** One datagram and its answer; undefined when none came in half a second. */
function exchange(port: number, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (answer?: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, 500);
    socket.on('message', (message) => finish(message.toString()));
    socket.on('error', () => finish());
    socket.send(text, port, '127.0.0.1');
  });
}

describe('cluster DNS', () => {
  it('gives the addresses of all pods for a headless service, and of one by its hostname', async () => {
    await ns.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'heads' },
      spec: { clusterIP: 'None', selector: { app: 'web' }, ports: [{ name: 'http', port: 8080 }] },
    });
    const expected = (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.podIP}'))
      .split(' ')
      .sort();
    const found = await until('three addresses', async () => {
      const text = await inPod('nslookup', '-type=a', 'heads.services.svc.cluster.local');
      const addresses = [...text.matchAll(/Address: (10\.\S+)/g)].map(([, address = '']) => address).sort();
      return addresses.length === 3 && addresses;
    });
    expect(found).toEqual(expected);
  });

  it('says that a name does not exist', async () => {
    const result = await ns.run(['exec', 'client', '--', 'nslookup', '-type=a', 'nothing.services.svc.cluster.local'], {
      allowFailure: true,
    });
    expect(result.stdout + result.stderr).toContain('NXDOMAIN');
  });
});

describe('a ServiceCIDR of its own', () => {
  it('gives an address that answers in the cluster', async () => {
    const name = 'more-services';
    await ns.apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name },
      spec: { cidrs: ['10.252.7.0/24'] },
    });
    const ports = [{ port: 80, targetPort: 8080 }];
    const spec = { clusterIP: '10.252.7.9', selector: { app: 'web' }, ports };
    await ns.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'far' }, spec });
    await until('the service answers', () => inPod(...wget('10.252.7.9')));
    expect(await inPod(...wget('far'))).toMatch(/^Hello from web-/);
    await kubectl('delete', 'service', 'far');
    await kubectl('delete', 'servicecidr', name);
  });
});

describe('the API server from a pod', () => {
  it('answers with the mounted token and CA', async () => {
    const script = `const fs = require('fs'), https = require('https');
      const at = '/var/run/secrets/kubernetes.io/serviceaccount/';
      const headers = { authorization: 'Bearer ' + fs.readFileSync(at + 'token', 'utf8') };
      https.get('https://kubernetes.default.svc/api', { ca: fs.readFileSync(at + 'ca.crt'), headers }, (answer) => {
        answer.setEncoding('utf8').on('data', (text) => process.stdout.write(text));
      });`;
    await kubectl('run', 'asker', '--image=kubelab/node:1', '--restart=Never', '--', '-e', script);
    await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/asker', '--timeout=60s');
    expect(JSON.parse(await kubectl('logs', 'asker'))).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  });
});
