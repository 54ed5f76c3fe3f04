/** Addresses and node ports of Services, over a real API server and etcd. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const services = '/api/v1/namespaces/svc/services';

beforeAll(async () => {
  server = await startTestApiServer();
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'svc' } } });
});

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
    expect(outside.body.message).toContain('the provided network does not match the current range');
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

  it('get a port for health checks where a load balancer needs one, and keep it until it does not', async () => {
    const merge = { 'content-type': 'application/merge-patch+json' };
    const patch = (spec: object) => server.rest('PATCH', `${services}/balanced`, { body: { spec }, headers: merge });
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports };
    const { healthCheckNodePort } = (await create('balanced', local)).body.spec;
    expect(healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(healthCheckNodePort).toBeLessThanOrEqual(32_767);

    expect(await patch({ healthCheckNodePort: 30_444 })).toMatchObject({
      code: 422,
      body: { message: expect.stringContaining('spec.healthCheckNodePort: Forbidden: field is immutable') },
    });
    expect((await patch({ healthCheckNodePort: null })).body.spec.healthCheckNodePort).toBe(healthCheckNodePort);
    expect((await create('rival', { ...local, healthCheckNodePort })).body.message).toBe(
      `Internal error occurred: failed to allocate requested HealthCheck NodePort ${healthCheckNodePort}: provided port is already allocated`,
    );
    const twice = { ...local, healthCheckNodePort: 30_445, ports: [{ port: 80, nodePort: 30_445 }] };
    expect((await create('twice', twice)).code).toBe(500);
    expect(
      (await create('misplaced', { type: 'NodePort', healthCheckNodePort: 30_446, ports })).body.message,
    ).toContain("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");

    expect((await patch({ externalTrafficPolicy: 'Cluster' })).body.spec.healthCheckNodePort).toBeUndefined();
    expect((await create('heir-of-check', { ...local, healthCheckNodePort })).code).toBe(201);
    expect((await patch({ externalTrafficPolicy: 'Local' })).body.spec.healthCheckNodePort).not.toBe(
      healthCheckNodePort,
    );
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

describe('the addresses of services', () => {
  const networking = '/apis/networking.k8s.io/v1';
  const addressOf = (ip: string) => server.rest('GET', `${networking}/ipaddresses/${ip}`);
  const addRange = (name: string, cidr: string) =>
    server.rest('POST', `${networking}/servicecidrs`, { body: { metadata: { name }, spec: { cidrs: [cidr] } } });

  it('are objects that name their service, and go with it', async () => {
    const { body } = await create('named', { ports });
    const address = await addressOf(body.spec.clusterIP);
    expect(address.body).toMatchObject({
      metadata: {
        labels: {
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
        },
      },
      spec: { parentRef: { group: '', resource: 'services', namespace: 'svc', name: 'named' } },
    });
    await server.rest('DELETE', `${services}/named`);
    const gone = async () => (await addressOf(body.spec.clusterIP)).code === 404;
    expect(await until('the address is free', gone)).toBe(true);
  });

  it('come back when somebody deletes them, but not those that other things hold', async () => {
    const { body } = await create('robbed', { ports });
    const { clusterIP } = body.spec;
    const { uid } = (await addressOf(clusterIP)).body.metadata;
    await server.rest('DELETE', `${networking}/ipaddresses/${clusterIP}`);
    const again = await until('the address is back', async () => {
      const { code, body: found } = await addressOf(clusterIP);
      return code === 200 && found.metadata.uid !== uid && found;
    });
    expect(again.spec.parentRef.name).toBe('robbed');
    const parentRef = { group: 'gateway.example.com', resource: 'gateways', name: 'edge' };
    await server.rest('POST', `${networking}/ipaddresses`, {
      body: { metadata: { name: '10.97.0.70' }, spec: { parentRef } },
    });
    const refused = await create('late', { clusterIP: '10.97.0.70', ports });
    expect(refused.body.message).toContain('failed to allocate IP 10.97.0.70: provided IP is already allocated');
  });

  it('come from further ServiceCIDRs, too, until those are being deleted', async () => {
    expect((await addRange('more', '10.150.0.0/29')).code).toBe(201);
    expect((await create('in-more', { clusterIP: '10.150.0.3', ports })).code).toBe(201);
    const finalizers = { metadata: { finalizers: ['example.com/hold'] } };
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.rest('PATCH', `${networking}/servicecidrs/more`, { body: finalizers, headers });
    await server.rest('DELETE', `${networking}/servicecidrs/more`);
    const message = 'the provided network does not match the current range';
    const isRefused = async () => {
      const answer = await create('too-late', { clusterIP: '10.150.0.4', ports }, '?dryRun=All');
      return answer.code === 422 && String(answer.body.message).includes(message);
    };
    expect(await until('the range is closed', isRefused)).toBe(true);
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
