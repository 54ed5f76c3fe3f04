/**
 * Where the servers behind a Service are, for calls of the API server itself (webhooks, aggregated APIs). It takes one of the
 * ready endpoints, as upstream does with --enable-aggregator-routing: that needs no kube-proxy beside the API server.
 */
import { type Service, type ServicePort, services } from '../api/core/v1/service';
import { type EndpointSlice, endpointSlices } from '../api/discovery/v1/endpointslice';
import { newNotFound, newServiceUnavailable } from '../api/meta/status-error';
import type { Loopback } from './registry/loopback';

export interface ServiceAddress {
  host: string;
  port: number;
}

/** Throws a StatusError (NotFound, ServiceUnavailable) when there is nobody to call. */
export type ServiceResolver = (namespace: string, name: string, port: number) => ServiceAddress;

export const serviceNameLabel = 'kubernetes.io/service-name';

/** Gives the slices of a Service, from a local copy. */
export function createSliceLookup(loopback: Loopback): (namespace: string, service: string) => EndpointSlice[] {
  const slices = loopback.view(endpointSlices);
  slices.addIndex(serviceNameLabel, ({ metadata }) => {
    const name = metadata?.labels?.[serviceNameLabel];
    return name ? [`${metadata?.namespace}/${name}`] : [];
  });
  return (namespace, service) => slices.byIndex(serviceNameLabel, `${namespace}/${service}`);
}

export function createServiceResolver(loopback: Loopback): ServiceResolver {
  const serviceView = loopback.view(services);
  const slicesOf = createSliceLookup(loopback);
  return (namespace, name, port) => {
    const service = serviceView.get(`${namespace}/${name}`);
    if (!service) throw newNotFound({ group: '', resource: 'services' }, name);
    if (service.spec?.type === 'ExternalName') return { host: service.spec.externalName ?? '', port };
    const candidates = addressesOf(service, slicesOf(namespace, name), port);
    const chosen = candidates[Math.floor(Math.random() * candidates.length)];
    if (!chosen) throw newServiceUnavailable(`no endpoints available for service "${name}"`);
    return chosen;
  };
}

/** Pure: the ready addresses behind one port of a Service. Throws ServiceUnavailable when it has no such port. */
export function addressesOf(service: Service, slices: readonly EndpointSlice[], port: number): ServiceAddress[] {
  const servicePort = service.spec?.ports?.find((candidate) => candidate.port === port);
  if (!servicePort) {
    throw newServiceUnavailable(`no service port ${port} found for service "${service.metadata?.name}"`);
  }
  return addressesBehind(servicePort, slices);
}

/** Pure: the ready addresses that one of a Service's ports leads to. */
export const addressesBehind = ({ name }: ServicePort, slices: readonly EndpointSlice[]): ServiceAddress[] =>
  slices.flatMap((slice) => {
    const target = slice.ports?.find((candidate) => (candidate.name ?? '') === (name ?? ''))?.port;
    if (!target) return [];
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return ready.flatMap(({ addresses }) => addresses.slice(0, 1).map((host) => ({ host, port: target })));
  });
