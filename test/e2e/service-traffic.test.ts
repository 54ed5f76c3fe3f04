/** What connections through Services live through, who they reach, and what DNS answers beyond single addresses. */
import { run } from '../../component-base/run-command';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('traffic');
const { kubectl } = ns;

/** Answers every line with its pod's name; the first line of a connection is the client's address. */
const echoServer = `require('net').createServer((socket) => {
  socket.on('error', () => {});
  socket.write(socket.remoteAddress + '\\n');
  socket.on('data', (data) => socket.write(process.env.HOSTNAME + ' ' + data));
}).listen(7000)`;

/** Sends a line every 20 ms over one connection; says what came back, and when the connection ended. */
const longClient = `let sent = 0, answered = 0, last = Date.now(), longest = 0;
  const socket = require('net').connect(7000, 'echo');
  socket.on('data', () => { answered++; longest = Math.max(longest, Date.now() - last); last = Date.now(); });
  socket.on('error', (error) => console.log('error', error.message));
  socket.on('close', () => console.log('closed'));
  socket.on('connect', () => setInterval(() => { sent++; socket.write('line\\n'); }, 20));
  setInterval(() => console.log(answered), 200);`;

const node = (name: string, script: string, labels: Record<string, string> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: 'kubelab/node:1', args: ['-e', script] }],
  },
});

const service = (name: string, spec: Record<string, unknown>): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 7000 }], ...spec },
});

const ready = (...pods: string[]): Promise<string> =>
  kubectl('wait', '--for=condition=Ready', ...pods.map((pod) => `pod/${pod}`), '--timeout=60s');

const addressOf = (pod: string): Promise<string> => kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.podIP}');

/** Runs a script in the client pod; what it printed. */
const inClient = async (script: string): Promise<string> =>
  (await kubectl('exec', 'client', '--', 'node', '-e', script)).trim();

/** Connects once and prints `client address, answering pod`, or the error's code. */
const oneConnection = (host: string, port: number): string => `
  const socket = require('net').connect(${port}, '${host}');
  let text = '';
  socket.setTimeout(3000, () => { console.log('ETIMEDOUT'); process.exit(); });
  socket.on('connect', () => socket.write('hello\\n'));
  socket.on('error', (error) => console.log(error.code));
  socket.on('data', (data) => {
    text += data;
    if (!text.includes('hello')) return;
    const [address, answer] = text.split('\\n');
    console.log(address.replace('::ffff:', '') + ' ' + answer.split(' ')[0]);
    process.exit();
  });`;

const connectTo = (host: string, port = 7000): Promise<string> => inClient(oneConnection(host, port));

/** From a container that is no pod: outside of the cluster. */
const connectFromOutside = async (host: string, port: number): Promise<string> => {
  const { stdout } = await run('docker', ['run', '--rm', 'kubelab/node:1', '-e', oneConnection(host, port)]);
  return stdout.trim();
};

beforeAll(async () => {
  await ns.apply({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      node('echo-0', echoServer, { app: 'echo', one: 'yes' }),
      node('client', 'setInterval(() => {}, 1 << 30)'),
      service('echo', { selector: { app: 'echo' } }),
    ],
  });
  await ready('echo-0', 'client');
  await until('the echo answers', async () => (await connectTo('echo')).endsWith('echo-0'));
});

describe('an open connection', () => {
  it('lives on while other Services come and go and its own gets and loses other endpoints', async () => {
    await ns.apply(node('long', longClient));
    await ready('long');
    const answered = async (): Promise<number> => {
      const log = await kubectl('logs', 'long');
      expect(log).not.toMatch(/error|closed/);
      return Number(log.trim().split('\n').at(-1));
    };
    await until('answers', async () => (await answered()) > 10);
    const others = Array.from({ length: 20 }, (_, i) =>
      service(`other-${i}`, { selector: { app: 'echo' }, type: 'NodePort' }),
    );
    await ns.apply({ apiVersion: 'v1', kind: 'List', items: [...others, node('echo-1', echoServer, { app: 'echo' })] });
    await ready('echo-1');
    await until('the new endpoint is used', async () => (await connectTo('echo')).endsWith('echo-1'));
    await kubectl('delete', 'service', ...others.map((_, i) => `other-${i}`));
    await kubectl('delete', 'pod', 'echo-1');
    const before = await answered();
    await until('more answers', async () => (await answered()) > before + 25);
    await kubectl('delete', 'pod', 'long');
  });
});

describe('a Service', () => {
  it('refuses connections while it has no endpoints', async () => {
    await ns.apply(service('empty', { selector: { app: 'nothing' } }));
    expect(await until('refused', async () => (await connectTo('empty')) === 'ECONNREFUSED')).toBe(true);
    await kubectl('label', 'pod', 'echo-0', 'app=nothing', '--overwrite');
    await until('an answer', async () => (await connectTo('empty')).endsWith('echo-0'));
    await kubectl('label', 'pod', 'echo-0', 'app=echo', '--overwrite');
    await until('refused again', async () => (await connectTo('empty')) === 'ECONNREFUSED');
  });

  it('with an external name is an alias in DNS', async () => {
    await ns.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'alias' },
      spec: { type: 'ExternalName', externalName: 'echo.traffic.svc.cluster.local' },
    });
    await until('an answer through the alias', async () => (await connectTo('alias')).endsWith('echo-0'));
  });

  it('forgets a client after its affinity timeout', async () => {
    await ns.apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        node('echo-2', echoServer, { app: 'echo' }),
        service('sticky', {
          selector: { app: 'echo' },
          sessionAffinity: 'ClientIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 3 } },
        }),
      ],
    });
    await ready('echo-2');
    await until('an answer', async () => (await connectTo('sticky')).includes('echo-'));
    // From one process, so that no start of one comes between.
    const names = await inClient(`(async () => {
      for (let i = 0; i < 10; i++) await new Promise((resolve) => {
        const socket = require('net').connect(7000, 'sticky', () => socket.write('hello\\n'));
        let text = '';
        socket.on('data', (data) => {
          text += data;
          if (!text.includes('hello')) return;
          console.log(text.split('\\n')[1].split(' ')[0]);
          socket.destroy();
          resolve();
        });
      });
    })()`);
    const [first, ...others] = new Set(names.split('\n'));
    expect(others).toEqual([]);
    const answer = (): Promise<string | undefined> => connectTo('sticky').then((text) => text.split(' ')[1]);
    await until('another endpoint', async () => (await answer()) !== first, { everyMs: 3500 });
    await kubectl('delete', 'pod', 'echo-2');
  });

  it('with externalTrafficPolicy Local has from outside only the pods of this host, and from inside all', async () => {
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    await ns.apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        service('here', { ...local, selector: { app: 'echo' }, externalIPs: ['198.51.100.41'] }),
        service('away', { ...local, externalIPs: ['198.51.100.42'] }),
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'away-1', labels: { 'kubernetes.io/service-name': 'away' } },
          addressType: 'IPv4',
          ports: [{ port: 7000 }],
          endpoints: [
            { addresses: [await addressOf('echo-0')], nodeName: 'on-another-host', conditions: { ready: true } },
          ],
        },
      ],
    });
    const hostIP = await kubectl('get', 'pod', 'echo-0', '-o', 'jsonpath={.status.hostIP}');
    const field = async (name: string, path: string): Promise<number> =>
      Number(await kubectl('get', 'service', name, '-o', `jsonpath={.spec.${path}}`));
    const [here, away] = [await field('here', 'ports[0].nodePort'), await field('away', 'ports[0].nodePort')];
    for (const [host, port] of [
      [hostIP, here],
      ['198.51.100.41', 7000],
    ] as const) {
      await until('an answer', async () => (await connectFromOutside(host, port)).endsWith('echo-0'));
    }
    for (const [host, port] of [
      [hostIP, away],
      ['198.51.100.42', 7000],
    ] as const) {
      await until('an answer inside', async () => (await connectTo(host, port)).endsWith('echo-0'));
      expect(await connectFromOutside(host, port)).toBe('ETIMEDOUT');
    }
    const check = async (name: string): Promise<number> =>
      (await fetch(`http://${hostIP}:${await field(name, 'healthCheckNodePort')}/`)).status;
    expect([await check('here'), await check('away')]).toEqual([200, 503]);
  });
});

describe('trafficDistribution PreferSameNode', () => {
  it('keeps to the pods on the node of the client while there are any', async () => {
    const names = (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
    const home = await kubectl('get', 'pod', 'client', '-o', 'jsonpath={.spec.nodeName}');
    const on = (name: string, nodeName = home): object => {
      const pod = node(name, echoServer, { app: 'near' }) as { spec: object };
      return { ...pod, spec: { ...pod.spec, nodeName } };
    };
    await ns.apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        on('near'),
        on(
          'far',
          names.find((name) => name !== home),
        ),
        service('close-by', { selector: { app: 'near' }, trafficDistribution: 'PreferSameNode' }),
      ],
    });
    await ready('near', 'far');
    const answers = async (): Promise<string> => {
      const pods = new Set<string | undefined>();
      for (let i = 0; i < 4; i++) pods.add((await connectTo('close-by')).split(' ')[1]);
      return [...pods].join(' ');
    };
    await until('answers from this node alone', async () => (await answers()) === 'near');
    await kubectl('delete', 'pod', 'near');
    await until('answers from elsewhere', async () => (await answers()) === 'far');
  });
});

describe('cluster DNS', () => {
  it('tells clients to ask by TCP for what does not fit a datagram', async () => {
    const addresses = Array.from({ length: 90 }, (_, i) => `198.51.100.${i + 1}`);
    await ns.apply({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        service('crowd', { clusterIP: 'None' }),
        {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'crowd-1', labels: { 'kubernetes.io/service-name': 'crowd' } },
          addressType: 'IPv4',
          ports: [{ port: 7000 }],
          endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
        },
      ],
    });
    const resolve = `require('dns').resolve4('crowd.traffic.svc.cluster.local', (error, found) =>
      console.log(error ? error.code : found.sort().join()))`;
    const expected = [...addresses].sort().join();
    await until('all addresses', async () => (await inClient(resolve)) === expected);
  });

  it('knows ports by name, pods by address, and names by address', async () => {
    await ns.apply(
      service('named', { selector: { app: 'echo' }, ports: [{ name: 'talk', port: 7001, targetPort: 7000 }] }),
    );
    const srv = `require('dns').resolveSrv('_talk._tcp.named.traffic.svc.cluster.local', (error, found) =>
      console.log(error ? error.code : found[0].name + ' ' + found[0].port))`;
    await until('the port', async () => (await inClient(srv)) === 'named.traffic.svc.cluster.local 7001');
    const lookUp = `const { resolve4, reverse } = require('dns').promises;
      resolve4('10-1-2-3.traffic.pod.cluster.local').then(async (pod) =>
        console.log(pod[0], await reverse(process.argv[1])))`;
    const address = await kubectl('get', 'service', 'named', '-o', 'jsonpath={.spec.clusterIP}');
    const answer = await kubectl('exec', 'client', '--', 'node', '-e', lookUp, address);
    expect(answer).toBe("10.1.2.3 [ 'named.traffic.svc.cluster.local' ]\n");
  });
});
