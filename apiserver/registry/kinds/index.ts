/** The tables of what single kinds do with I/O: hooks around writes, and handlers of subresources with answers of their own. */
import type { Admission } from '../../admission/admission';
import type { TokenAuthenticator } from '../../authentication/authenticator';
import type { TokenIssuer } from '../../authentication/service-account-tokens';
import type { AuthorizerChain } from '../../authorization';
import type { ConnectHandler } from '../connect';
import type { Loopback } from '../loopback';
import type { StoreHooks } from '../store';
import { createExpressionHooks } from '../../admission/expression-checks';
import { createCrdHooks } from '../../apiextensions/crd-hooks';
import { createAccessReviewHandlers } from './access-reviews';
import { AddressAllocator } from './address-allocator';
import { portRange } from './address-range';
import { createCertificateSigningRequestHooks } from './certificate-signing-requests';
import { createIdentityReviewHandlers } from './identity-reviews';
import { createNamespaceHooks } from './namespaces';
import { createPersistentVolumeHooks } from './persistent-volumes';
import { createBindingHandler, createLegacyBindingHandler } from './pod-binding';
import { admitted } from './connect-admission';
import { createEvictionHandler } from './pod-eviction';
import { RangeAllocator } from './range-allocator';
import { rangeAllocations } from './range-allocation';
import { createRbacHooks } from './rbac-roles';
import { createTokenHandler } from './service-account-token';
import { createServiceHooks } from './services';

/** Handlers that tunnel to kubelets and pods; made by `apiserver/proxy`. */
export interface ProxyHandlers {
  pods: Record<'log' | 'exec' | 'attach' | 'portforward' | 'proxy', ConnectHandler>;
  nodes: Record<'proxy', ConnectHandler>;
  services: Record<'proxy', ConnectHandler>;
}

/** The allocators of a server, shared by the hooks and the repair loop. */
export interface ServiceAllocators {
  addresses: AddressAllocator;
  nodePorts: RangeAllocator;
}

/** `serviceCidr`: IPv4 CIDR; `nodePortRange`: `30000-32767`. Throws when they are not. */
export function createServiceAllocators(deps: {
  loopback: Loopback;
  serviceCidr: string;
  nodePortRange: string;
}): ServiceAllocators {
  const storage = () => deps.loopback.storageOf(rangeAllocations);
  return {
    addresses: new AddressAllocator({ loopback: deps.loopback, defaultCidr: deps.serviceCidr }),
    nodePorts: new RangeAllocator({
      name: 'servicenodeports',
      range: portRange(deps.nodePortRange),
      storage,
    }),
  };
}

/** By plural name. */
export function createStoreHooks(deps: {
  loopback: Loopback;
  authorizer: AuthorizerChain;
  allocators: ServiceAllocators;
}): Readonly<Record<string, StoreHooks<any>>> {
  const { rbac } = deps.authorizer;
  return {
    services: createServiceHooks({ ...deps.allocators, log: deps.loopback.log }),
    namespaces: createNamespaceHooks(),
    customresourcedefinitions: createCrdHooks(deps.loopback),
    ...createExpressionHooks(),
    persistentvolumes: createPersistentVolumeHooks(deps.loopback.clock),
    certificatesigningrequests: createCertificateSigningRequestHooks(deps.loopback.clock),
    ...(rbac && createRbacHooks({ rbac, authorizer: deps.authorizer })),
  };
}

/** Streams and proxies are connected; a log is only read, which is not for admission to judge. */
function admitConnections(admission: Admission, { pods, nodes, services }: ProxyHandlers): ProxyHandlers {
  const admit = (handler: ConnectHandler): ConnectHandler => admitted(admission, handler);
  return {
    pods: {
      log: pods.log,
      exec: admit(pods.exec),
      attach: admit(pods.attach),
      portforward: admit(pods.portforward),
      proxy: admit(pods.proxy),
    },
    nodes: { proxy: admit(nodes.proxy) },
    services: { proxy: admit(services.proxy) },
  };
}

/** By plural name and subresource; review kinds, which are only created and never stored, under ''. */
export function createConnectHandlers(deps: {
  loopback: Loopback;
  admission: Admission;
  authorizer: AuthorizerChain;
  issuer: TokenIssuer;
  authenticateToken: TokenAuthenticator;
  proxy?: ProxyHandlers;
}): Readonly<Record<string, Readonly<Record<string, ConnectHandler>>>> {
  const { loopback } = deps;
  const proxy = deps.proxy && admitConnections(deps.admission, deps.proxy);
  const bind = createBindingHandler(deps);
  return {
    bindings: { '': createLegacyBindingHandler(bind) },
    pods: { binding: bind, eviction: createEvictionHandler(deps), ...proxy?.pods },
    serviceaccounts: { token: createTokenHandler(deps) },
    ...(proxy && { nodes: proxy.nodes, services: proxy.services }),
    ...createAccessReviewHandlers(deps.authorizer),
    ...createIdentityReviewHandlers({
      authenticateToken: deps.authenticateToken,
      audiences: deps.issuer.audiences,
      clock: loopback.clock,
    }),
  };
}
