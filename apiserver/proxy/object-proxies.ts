/**
 * `proxy` of nodes, pods and services: any HTTP request or upgrade, passed on to the object's own server. Names may carry a
 * scheme and a port, `https:web:8443`. Upstream: the ResourceLocation functions of the three registries.
 */
import { BlockList, isIP } from 'node:net';
import { nodes } from '../../api/core/v1/node';
import { findPort, type Pod, pods } from '../../api/core/v1/pod';
import { services } from '../../api/core/v1/service';
import { newBadRequest, newServiceUnavailable } from '../../api/meta/status-error';
import type { ConnectHandler, ConnectRequest } from '../registry/connect';
import type { Loopback } from '../registry/loopback';
import { addressesBehind, createSliceLookup } from '../service-resolver';
import { type KubeletBackends } from './kubelet-backend';
import { type Backend, relay } from './relay';

interface ProxyName {
  scheme: 'http' | 'https' | '';
  name: string;
  port: string;
}

/** Pure: `name`, `name:port`, `scheme:name:port` (the port may be empty). Throws BadRequest. */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length > 2 ? parts : ['', ...parts];
  if (parts.length > 3 || !name || (parts.length === 3 && scheme !== 'http' && scheme !== 'https')) {
    throw newBadRequest(`invalid proxy request ${JSON.stringify(text)}`);
  }
  return { scheme: scheme as ProxyName['scheme'], name, port };
}

/** Addresses that would lead to the API server's own host rather than to the object. */
const unproxyable = new BlockList();
unproxyable.addSubnet('127.0.0.0', 8);
unproxyable.addSubnet('169.254.0.0', 16);
unproxyable.addSubnet('224.0.0.0', 4);
unproxyable.addAddress('0.0.0.0');
unproxyable.addAddress('::1', 'ipv6');
unproxyable.addAddress('::', 'ipv6');
unproxyable.addSubnet('fe80::', 10, 'ipv6');
unproxyable.addSubnet('ff00::', 8, 'ipv6');
unproxyable.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');
unproxyable.addSubnet('::ffff:169.254.0.0', 112, 'ipv6');

/** Throws BadRequest for loopback, link-local, multicast and unspecified addresses, and for what is none. */
export function requireProxyable(address: string): string {
  const version = isIP(address);
  if (!version || unproxyable.check(address, version === 6 ? 'ipv6' : 'ipv4'))
    throw newBadRequest('address not allowed');
  return address;
}

/** `/api/v1/namespaces/…/proxy`: where the backend's paths are for the client. */
export function prefixOf(fullPath: string, tail: string): string {
  const prefix = tail && fullPath.endsWith(tail) ? fullPath.slice(0, -tail.length) : fullPath;
  return prefix.replace(/\/+$/, '');
}

/** A page at the bare `…/proxy` is sent to `…/proxy/`, as upstream does, so that its relative links lead back here. */
async function pass(connect: ConnectRequest, backend: Backend): Promise<void> {
  const query = connect.query.toString() && `?${connect.query.toString()}`;
  const { request, response, context } = connect;
  const full = context.info.path;
  if (response && !full.endsWith('/') && !connect.path && ['GET', 'HEAD'].includes(request.method ?? '')) {
    response.writeHead(301, { location: `${full}/${query}` }).end();
    return;
  }
  await relay(connect, { backend, path: `${connect.path || '/'}${query}`, prefix: prefixOf(full, connect.path) });
}

/** Servers of users have certificates of their own making: upstream does not verify them either. */
const backendAt = (scheme: ProxyName['scheme'], host: string, port: number): Backend =>
  scheme === 'https' ? { scheme, host, port, tls: { rejectUnauthorized: false } } : { scheme: 'http', host, port };

function podPort(pod: Pod, asked: string): number {
  if (asked) {
    const port = /^\d+$/.test(asked) ? Number(asked) : findPort(pod, asked);
    if (!port) throw newBadRequest(`pod does not have a port named ${JSON.stringify(asked)}`);
    return port;
  }
  return pod.spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort ?? 80;
}

export interface ObjectProxyDeps {
  loopback: Loopback;
  kubelets: KubeletBackends;
}

export function createObjectProxies({
  loopback,
  kubelets,
}: ObjectProxyDeps): Record<'nodes' | 'pods' | 'services', ConnectHandler> {
  const slicesOf = createSliceLookup(loopback);

  return {
    async nodes(connect) {
      const { name } = parseProxyName(connect.name);
      await loopback.stores.of(nodes).get(connect.context, '', name);
      await pass(connect, await kubelets(name));
    },

    async pods(connect) {
      const { scheme, name, port } = parseProxyName(connect.name);
      const { object: pod } = await loopback.stores.of(pods).get(connect.context, connect.namespace, name);
      const address = pod.status?.podIP;
      if (!address) throw newBadRequest('address not allowed');
      await pass(connect, backendAt(scheme, requireProxyable(address), podPort(pod, port)));
    },

    async services(connect) {
      const { scheme, name, port: asked } = parseProxyName(connect.name);
      const { object: service } = await loopback.stores.of(services).get(connect.context, connect.namespace, name);
      const ports = service.spec?.ports ?? [];
      const port = asked
        ? ports.find((candidate) => candidate.name === asked || String(candidate.port) === asked)
        : ports[0];
      const unavailable = newServiceUnavailable(`no endpoints available for service ${JSON.stringify(connect.name)}`);
      if (!port)
        throw newServiceUnavailable(
          `no service port ${JSON.stringify(asked)} found for service ${JSON.stringify(name)}`,
        );
      const targets = addressesBehind(port, slicesOf(connect.namespace, name));
      const target = targets[Math.floor(Math.random() * targets.length)];
      if (!target) throw unavailable;
      await pass(connect, backendAt(scheme, requireProxyable(target.host), target.port));
    },
  };
}
