/** Addresses and node ports of Services, over a real API server and etcd. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;
const services = '/api/v1/namespaces/svc/services';

beforeAll(async () => {
  server = await startTestApiServer();
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'svc' } } });
}, 60_000);

afterAll(async () => {
  await server?.stop();
});

const create = (name: string, spec: object, query = '') =>
  server.rest('POST', `${services}${query}`, { body: { metadata: { name }, spec } });
const ports = [{ port: 80 }];

describe('services', () => {
  it('get an address above the static band', async () => {
    const { code, body } = await create('auto', { ports });
    expect({ code, message: body.message }).toEqual({ code: 201, message: undefined });
    expect(body.spec).toMatchObject({ type: 'ClusterIP', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    expect(body.spec.clusterIPs).toEqual([body.spec.clusterIP]);
    expect(body.spec.clusterIP).toMatch(/^10\.97\.\d+\.\d+$/);
  });

  it('refuse an address that is taken, and free it when its service goes', async () => {
    const clusterIP = '10.97.0.50';
    expect((await create('first', { clusterIP, ports })).code).toBe(201);
    const second = await create('second', { clusterIP, ports });
    expect(second).toMatchObject({
      code: 422,
      body: {
        message:
          'Service "second" is invalid: spec.clusterIPs: Invalid value: ["10.97.0.50"]: failed to allocate IP 10.97.0.50: provided IP is already allocated',
      },
    });
    for (let round = 0; round < 5; round++) {
      expect((await server.rest('DELETE', `${services}/first`)).code).toBe(200);
      expect((await create('first', { clusterIP, ports })).code).toBe(201);
    }
    const outside = await create('outside', { clusterIP: '10.1.1.1', ports });
    expect(outside.body.message).toContain('The range of valid IPs is 10.97.0.0/16');
  });

  it('give each of many the only port they ask for once', async () => {
    const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30123 }] };
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => create(`race-${i}`, spec)));
    expect(answers.map(({ code }) => code).sort()).toEqual([201, 422, 422, 422, 422, 422, 422, 422]);
    const refused = answers.find(({ code }) => code === 422)!;
    expect(refused.body.message).toContain(
      'spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated',
    );
  });

  it('never share an address, created all at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => create(`many-${i}`, { ports })));
    expect(new Set(answers.map(({ body }) => body.spec.clusterIP)).size).toBe(40);
  });

  it('follow their type, releasing what they no longer need', async () => {
    const nodePort = 30200;
    await create('changing', { type: 'NodePort', ports: [{ port: 80, nodePort }] });
    const patch = (spec: object) =>
      server.rest('PATCH', `${services}/changing`, {
        body: { spec },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    const plain = await patch({ type: 'ClusterIP' });
    expect(plain.body.spec.ports[0].nodePort).toBeUndefined();
    expect((await create('heir', { type: 'NodePort', ports: [{ port: 80, nodePort }] })).code).toBe(201);
    const { clusterIP } = plain.body.spec;
    const external = await patch({
      type: 'ExternalName',
      externalName: 'example.com',
      clusterIP: null,
      clusterIPs: null,
    });
    expect({ code: external.code, clusterIP: external.body.spec?.clusterIP }).toEqual({
      code: 200,
      clusterIP: undefined,
    });
    expect((await create('heir-of-address', { clusterIP, ports })).code).toBe(201);
  });

  it('hold nothing after a dry run', async () => {
    const spec = { clusterIP: '10.97.0.60', type: 'NodePort', ports: [{ port: 80, nodePort: 30300 }] };
    expect((await create('dry', spec, '?dryRun=All')).code).toBe(201);
    expect((await create('wet', spec)).code).toBe(201);
  });

  it('have no address when headless', async () => {
    const { body } = await create('headless', { clusterIP: 'None', ports });
    expect(body.spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] });
  });
});

describe('the kubernetes Service', () => {
  it('has the first address, endpoints and a slice', async () => {
    const service = await server.rest('GET', '/api/v1/namespaces/default/services/kubernetes');
    expect(service.body.spec).toMatchObject({ clusterIP: '10.97.0.1', ports: [{ name: 'https', port: 443 }] });
    const endpoints = await server.rest('GET', '/api/v1/namespaces/default/endpoints/kubernetes');
    expect(endpoints.body.subsets).toHaveLength(1);
    const slice = await server.rest('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes');
    expect(slice.body).toMatchObject({ addressType: 'IPv4', endpoints: [{ conditions: { ready: true } }] });
    expect(slice.body.endpoints[0].addresses).toEqual([endpoints.body.subsets[0].addresses[0].ip]);
  });
});
