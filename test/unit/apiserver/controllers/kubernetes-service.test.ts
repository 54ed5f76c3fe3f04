import { endpoints, type Endpoints } from '../../../../api/core/v1/endpoints';
import { newNotFound } from '../../../../api/meta/status-error';
import type { ResourceDefinition } from '../../../../api/meta/resource-definition';
import type { KubeObject } from '../../../../api/meta/types';
import { kubernetesService } from '../../../../apiserver/controllers/kubernetes-service';
import type { Loopback } from '../../../../apiserver/registry/loopback';
import { createFakeClock, settle } from '../../../support/fake-clock';

/** Two servers over stores and records that are maps. `hook.onRead` is called before the endpoints are read. */
function twoServers() {
  const hook: { onRead?: () => Promise<void> } = {};
  const records = new Set<string>();
  const objects = new Map<string, KubeObject>();
  const write = (object: KubeObject, { kind }: ResourceDefinition) => {
    objects.set(kind, object);
    return { object };
  };
  const storeOf = (definition: ResourceDefinition) => ({
    async get(_context: unknown, _namespace: string, name: string) {
      if (definition.kind === endpoints.kind) await hook.onRead?.();
      const object = objects.get(definition.kind);
      if (!object) throw newNotFound({ group: definition.group, resource: definition.names.plural }, name);
      return { object };
    },
    create: async (_context: unknown, _namespace: string, object: KubeObject) => write(object, definition),
    update: async (_context: unknown, _namespace: string, _name: string, next: () => KubeObject) => ({
      entry: write(next(), definition),
    }),
  });
  const loopback = {
    clock: createFakeClock(),
    storageOf: () => ({
      guaranteedUpdate: async (address: string) => void records.add(address),
      list: async () => ({ items: [...records].map((address) => ({ object: { address } })) }),
      delete: async (address: string) => void records.delete(address),
    }),
    stores: { of: storeOf },
  } as unknown as Loopback;
  const serverAt = (advertiseAddress: string) =>
    kubernetesService(loopback, { serviceAddress: '10.96.0.1', advertiseAddress, securePort: 6443 });
  return {
    one: serverAt('192.0.2.1'),
    two: serverAt('192.0.2.2'),
    hook,
    addresses: () => (objects.get(endpoints.kind) as Endpoints).subsets?.[0]?.addresses?.map(({ ip }) => ip),
  };
}

const { signal } = new AbortController();

describe('the endpoints of the kubernetes Service', () => {
  it('lose a server that ends while it renews its own record', async () => {
    const { one, two, hook, addresses } = twoServers();
    await one.start(signal);
    let goOn = (): void => undefined;
    hook.onRead = () => new Promise((resolve) => (goOn = resolve));
    const renewal = two.start(signal);
    await settle();
    delete hook.onRead;
    const end = two.end?.();
    await settle();
    goOn();
    await Promise.all([renewal, end]);
    expect(addresses()).toEqual(['192.0.2.1']);
  });

  it('lose a server that ends while another renews its record', async () => {
    const { one, two, hook, addresses } = twoServers();
    await one.start(signal);
    await two.start(signal);
    expect(addresses()).toEqual(['192.0.2.1', '192.0.2.2']);
    hook.onRead = async () => {
      delete hook.onRead;
      await two.end?.();
    };
    await one.start(signal);
    expect(addresses()).toEqual(['192.0.2.1']);
  });
});
