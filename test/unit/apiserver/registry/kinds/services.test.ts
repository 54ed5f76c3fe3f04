import type { Service } from '../../../../../api/core/v1/service';
import type { AddressAllocator } from '../../../../../apiserver/registry/kinds/address-allocator';
import { AllocationError, type RangeAllocator } from '../../../../../apiserver/registry/kinds/range-allocator';
import { createServiceHooks } from '../../../../../apiserver/registry/kinds/services';
import { createTestLoopback } from '../../../../support/loopback';
import { settle } from '../../../../support/fake-clock';

/** Hands out what it is given, in order, without storage. */
function allocator(noun: string, free: string[]) {
  const taken = new Set<string>();
  return {
    taken,
    async allocate(value: string, dryRun = false) {
      if (taken.has(value)) throw new AllocationError(`provided ${noun} is already allocated`);
      if (!dryRun) taken.add(value);
    },
    async allocateNext(dryRun = false, except: string[] = []) {
      const value = free.find((candidate) => !taken.has(candidate) && !except.includes(candidate));
      if (!value) throw new AllocationError('range is full');
      if (!dryRun) taken.add(value);
      return value;
    },
    async release(values: string[]) {
      for (const value of values) taken.delete(value);
    },
  };
}

function setUp() {
  const loopback = createTestLoopback();
  const addresses = allocator('IP', ['10.0.0.1', '10.0.0.2']);
  const nodePorts = allocator('port', ['30001', '30002']);
  const hooks = createServiceHooks({
    addresses: {
      allocate: (_service: Service, address: string, dryRun?: boolean) => addresses.allocate(address, dryRun),
      allocateNext: (_service: Service, dryRun?: boolean) => addresses.allocateNext(dryRun),
      release: (_service: Service, values: string[]) => addresses.release(values),
    } as unknown as AddressAllocator,
    nodePorts: nodePorts as unknown as RangeAllocator,
    log: loopback.log,
  });
  const create = (service: Service, dryRun = false) => hooks.beginCreate!({ ...loopback.context, dryRun }, service);
  const update = (service: Service, old: Service) => hooks.beginUpdate!(loopback.context, service, old as never);
  return { hooks, create, update, addresses: addresses.taken, nodePorts: nodePorts.taken };
}

const service = (spec: Service['spec']): Service => ({ metadata: { namespace: 'a', name: 'web' }, spec });
const port = (given: object = {}) => ({ port: 80, protocol: 'TCP', ...given });

describe('service allocations', () => {
  it('give an address and families to a ClusterIP service', async () => {
    const { create, addresses } = setUp();
    const web = service({ type: 'ClusterIP', ports: [port()], selector: { app: 'web' } });
    await create(web);
    expect(web.spec).toMatchObject({
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    });
    expect([...addresses]).toEqual(['10.0.0.1']);
  });

  it('give nothing to headless and ExternalName services', async () => {
    const { create, addresses } = setUp();
    const headless = service({ type: 'ClusterIP', clusterIP: 'None', selector: { app: 'web' } });
    await create(headless);
    expect(headless.spec).toMatchObject({ clusterIPs: ['None'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
    const bare = service({ type: 'ClusterIP', clusterIP: 'None' });
    await create(bare);
    expect(bare.spec).toMatchObject({ ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' });
    const external = service({ type: 'ExternalName', externalName: 'example.com' });
    await create(external);
    expect(external.spec?.clusterIP).toBeUndefined();
    expect(addresses.size).toBe(0);
  });

  it('refuse a taken address and port in upstream words, and keep nothing of the failed write', async () => {
    const { create, addresses, nodePorts } = setUp();
    await create(service({ type: 'NodePort', ports: [port({ nodePort: 30001 })] }));
    await expect(create(service({ clusterIP: '10.0.0.1' }))).rejects.toThrow(
      'Service "web" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: provided IP is already allocated',
    );
    await expect(create(service({ type: 'NodePort', ports: [port({ nodePort: 30001 })] }))).rejects.toThrow(
      'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    );
    await settle();
    expect([...addresses]).toEqual(['10.0.0.1']);
    expect([...nodePorts]).toEqual(['30001']);
  });

  it('give one node port to the same port over TCP and UDP', async () => {
    const { create, nodePorts } = setUp();
    const dns = service({ type: 'NodePort', ports: [port(), port({ protocol: 'UDP' }), port({ port: 81 })] });
    await create(dns);
    expect(dns.spec?.ports?.map(({ nodePort }) => nodePort)).toEqual([30001, 30001, 30002]);
    expect(nodePorts.size).toBe(2);
  });

  it('are given back when the write fails', async () => {
    const { create, addresses, nodePorts } = setUp();
    const undo = await create(service({ type: 'NodePort', ports: [port()] }));
    (undo as () => void)();
    await settle();
    expect([addresses.size, nodePorts.size]).toEqual([0, 0]);
  });

  it('take nothing on a dry run, and choose no port twice', async () => {
    const { create, addresses, nodePorts } = setUp();
    const web = service({ type: 'NodePort', ports: [port(), port({ port: 81 })] });
    await create(web, true);
    expect(web.spec?.ports?.map(({ nodePort }) => nodePort)).toEqual([30001, 30002]);
    expect([addresses.size, nodePorts.size]).toEqual([0, 0]);
  });

  it('follow changes of type', async () => {
    const { hooks, create, update, addresses, nodePorts } = setUp();
    const first = service({ type: 'ClusterIP', ports: [port()] });
    await create(first);
    const second = structuredClone(first);
    second.spec!.type = 'NodePort';
    await update(second, first);
    hooks.afterUpdate!(second as never, first as never);
    expect(second.spec).toMatchObject({ clusterIP: '10.0.0.1', ports: [{ nodePort: 30001 }] });
    const third = service({ type: 'ExternalName', externalName: 'example.com' });
    await update(third, second);
    hooks.afterUpdate!(third as never, second as never);
    await settle();
    expect([addresses.size, nodePorts.size]).toEqual([0, 0]);
    hooks.afterDelete!(third as never);
  });
});
