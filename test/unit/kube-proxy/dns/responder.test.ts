import * as packet from 'dns-packet';
import type { Service } from '../../../../api/core/v1/service';
import type { EndpointSlice } from '../../../../api/discovery/v1/endpointslice';
import type { ServiceView } from '../../../../kube-proxy/dns/records';
import { createResponder, type Resolver } from '../../../../kube-proxy/dns/responder';

const services: Record<string, Service> = {
  'default/web': {
    metadata: { namespace: 'default', name: 'web' },
    spec: { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
  },
  'default/heads': { metadata: { namespace: 'default', name: 'heads' }, spec: { clusterIP: 'None' } },
  'default/outside': {
    metadata: { namespace: 'default', name: 'outside' },
    spec: { type: 'ExternalName', externalName: 'db.example.com' },
  },
  'default/inside': {
    metadata: { namespace: 'default', name: 'inside' },
    spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local.' },
  },
  'default/round': {
    metadata: { namespace: 'default', name: 'round' },
    spec: { type: 'ExternalName', externalName: 'round.default.svc.cluster.local' },
  },
};

const headSlice = (count: number): EndpointSlice => ({
  addressType: 'IPv4',
  ports: [{ name: 'db', port: 5432, protocol: 'TCP' }],
  endpoints: Array.from({ length: count }, (_, i) => ({
    addresses: [`10.244.${Math.floor(i / 250)}.${(i % 250) + 1}`],
    ...(i === 0 && { hostname: 'db-0' }),
    conditions: { ready: true },
  })),
});

const webSlice: EndpointSlice = {
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.1.1'], hostname: 'web-0', conditions: { ready: true } }],
};

let heads = 2;
const view: ServiceView = {
  service: (key) => services[key],
  slicesOf: (key) => (key === 'default/heads' ? [headSlice(heads)] : key === 'default/web' ? [webSlice] : []),
  hasNamespace: (namespace) => namespace === 'default',
  serviceByIp: (address) => (address === '10.96.0.7' ? services['default/web'] : undefined),
  hostByIp: (address) =>
    address === '10.244.0.1' ? { hostname: 'db-0', namespace: 'default', service: 'heads' } : undefined,
};

const upstream: Resolver = {
  forward: () => Promise.reject(new Error('no name servers')),
  lookup: (name, type) =>
    Promise.resolve([
      { name, type: 'CNAME', ttl: 60, data: 'db.example.net' },
      { name: 'db.example.net', type, ttl: 60, data: type === 'A' ? '192.0.2.9' : '2001:db8::9' },
    ]),
};

const respond = createResponder({ domain: 'cluster.local', view, upstream });

async function ask(name: string, type: string, transport: 'udp' | 'tcp' = 'udp', edns = false) {
  const query = packet.encode({
    type: 'query',
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: type as 'A', name }],
    ...(edns && { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0 } as never] }),
  });
  const bytes = (await respond(query, transport)) ?? Buffer.alloc(0);
  const answer = packet.decode(bytes) as packet.DecodedPacket & {
    rcode: string;
  };
  return {
    rcode: answer.rcode,
    data: (answer.answers ?? []).map((record) => ('data' in record ? record.data : undefined)),
    authorities: (answer.authorities ?? []).map(({ type: kind }) => kind),
    additionals: (answer.additionals ?? [])
      .filter(({ type: kind }) => kind === 'A')
      .map((record) => ('data' in record ? record.data : undefined)),
    truncated: answer.flag_tc,
    id: answer.id,
    bytes: bytes.length,
  };
}

const base = 'default.svc.cluster.local';

describe('cluster DNS', () => {
  beforeEach(() => (heads = 2));

  it.each([
    ['a cluster IP', `web.${base}`, 'A', ['10.96.0.7']],
    ['names in any case', `WEB.${base.toUpperCase()}`, 'A', ['10.96.0.7']],
    ['every pod of a headless service', `heads.${base}`, 'A', expect.arrayContaining(['10.244.0.1', '10.244.0.2'])],
    ['a pod of a service with a cluster IP', `web-0.web.${base}`, 'A', ['10.244.1.1']],
    ['a pod by its hostname', `db-0.heads.${base}`, 'A', ['10.244.0.1']],
    ['a pod by its address', `10-244-0-2.heads.${base}`, 'A', ['10.244.0.2']],
    ['an address as a pod name', '10-1-2-3.default.pod.cluster.local', 'A', ['10.1.2.3']],
    ['a named port', `_http._tcp.web.${base}`, 'SRV', [{ priority: 0, weight: 100, port: 80, target: `web.${base}` }]],
    ['an alias with its addresses', `outside.${base}`, 'A', ['db.example.com', 'db.example.net', '192.0.2.9']],
    ['an alias for IPv6', `outside.${base}`, 'AAAA', ['db.example.com', 'db.example.net', '2001:db8::9']],
    ['an alias with no such record', `outside.${base}`, 'MX', ['db.example.com']],
    ['an alias within the cluster', `inside.${base}`, 'A', ['web.default.svc.cluster.local', '10.96.0.7']],
    ['an alias of itself, but not for ever', `round.${base}`, 'A', ['round.default.svc.cluster.local']],
    ['an alias by itself', `outside.${base}`, 'CNAME', ['db.example.com']],
    ['a cluster IP backwards', '7.0.96.10.in-addr.arpa', 'PTR', [`web.${base}`]],
    ['a hostname backwards', '1.0.244.10.in-addr.arpa', 'PTR', [`db-0.heads.${base}`]],
    ['its version', 'dns-version.cluster.local', 'TXT', [[Buffer.from('1.1.0')]]],
  ])('answers %s', async (_what, name, type, data) => {
    expect(await ask(name, type)).toMatchObject({ rcode: 'NOERROR', data, id: 7 });
  });

  it.each([
    ['an unknown service', `nothing.${base}`, 'A'],
    ['an unknown namespace', 'web.nowhere.svc.cluster.local', 'A'],
    ['an unknown port', `_https._tcp.web.${base}`, 'SRV'],
    ['an unknown branch', 'x.cluster.local', 'A'],
  ])('says that %s does not exist', async (_what, name, type) => {
    expect(await ask(name, type)).toMatchObject({ rcode: 'NXDOMAIN', data: [], authorities: ['SOA'] });
  });

  it('says that a name has no such record', async () => {
    expect(await ask(`web.${base}`, 'AAAA')).toMatchObject({ rcode: 'NOERROR', data: [], authorities: ['SOA'] });
  });

  it('gives the addresses of SRV targets along', async () => {
    const { data, additionals } = await ask(`_db._tcp.heads.${base}`, 'SRV');
    expect(data).toEqual([
      { priority: 0, weight: 50, port: 5432, target: `db-0.heads.${base}` },
      { priority: 0, weight: 50, port: 5432, target: `10-244-0-2.heads.${base}` },
    ]);
    expect(additionals).toEqual(['10.244.0.1', '10.244.0.2']);
  });

  it('answers with its own authority', async () => {
    expect(await ask('cluster.local', 'SOA')).toMatchObject({ rcode: 'NOERROR', authorities: [] });
    expect((await ask('cluster.local', 'SOA')).data).toMatchObject([{ mname: 'ns.dns.cluster.local' }]);
  });

  it('fits as many addresses into a datagram as pointers to the name allow', async () => {
    heads = 28;
    const { truncated, data, bytes } = await ask(`HEADS.${base}`, 'A');
    expect({ truncated, count: data.length }).toEqual({ truncated: false, count: 28 });
    expect(bytes).toBe(12 + `heads.${base}`.length + 2 + 4 + 28 * 16);
    heads = 29;
    expect(await ask(`heads.${base}`, 'A')).toMatchObject({ truncated: true, bytes: expect.any(Number) });
    expect((await ask(`heads.${base}`, 'A')).data).toHaveLength(28);
  });

  it('truncates what is too long for UDP, unless the client takes more, or asks by TCP', async () => {
    heads = 60;
    const { truncated, data } = await ask(`heads.${base}`, 'A');
    expect(truncated).toBe(true);
    expect(data.length).toBeGreaterThan(5);
    expect(data.length).toBeLessThan(60);
    expect((await ask(`heads.${base}`, 'A', 'udp', true)).data).toHaveLength(60);
    expect((await ask(`heads.${base}`, 'A', 'tcp')).data).toHaveLength(60);
  });

  it('gives each address of a headless service its turn to be the first', async () => {
    const first = async () => (await ask(`heads.${base}`, 'A')).data[0];
    expect(new Set([await first(), await first()])).toEqual(new Set(['10.244.0.1', '10.244.0.2']));
  });

  it('fails when no name server answers for other names', async () => {
    expect(await ask('example.org', 'A')).toMatchObject({ rcode: 'SERVFAIL' });
  });

  it('fails when the upstream answers with what is no name', async () => {
    const lookup = () => Promise.resolve([{ name: 'a..b', type: 'CNAME', data: `c..d.${base}`, ttl: 5 } as const]);
    const odd = createResponder({ domain: 'cluster.local', view, upstream: { ...upstream, lookup } });
    const query = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: `outside.${base}` }] });
    expect((await odd(query, 'udp'))?.readUInt16BE(2)).toBe(0x8002);
  });

  it('answers garbage with a format error, or not at all', async () => {
    const garbage = Buffer.from('0102ffffffffffffffffffffffff', 'hex');
    expect((await respond(garbage, 'udp'))?.readUInt16BE(2)).toBe(0x8001);
    expect(await respond(Buffer.alloc(3), 'udp')).toBeUndefined();
    const query = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: `web-.${base}` }] });
    query.write('.', query.indexOf('-'));
    expect((await respond(query, 'udp'))?.readUInt16BE(2)).toBe(0x8001);
  });
});
