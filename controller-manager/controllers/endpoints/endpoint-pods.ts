/** Which pods stand behind a Service and at which ports: shared by Endpoints and EndpointSlices. */
import type { EndpointPort } from '../../../api/core/v1/endpoints';
import { findPort } from '../../../api/core/v1/pod/ports';
import type { Pod } from '../../../api/core/v1/pod';
import { isPodReady, isPodTerminal } from '../../../api/core/v1/pod/conditions';
import { type Service, services } from '../../../api/core/v1/service';
import { deepEqual } from '../../../api/meta/json';
import { selectorFromMap } from '../../../api/meta/selectors';
import { keyOf, type Stored } from '../../../api/meta/types';
import type { ControllerDeps, Enqueue } from '../../../client/controller';
import type { Lister } from '../../../client/informer';

export const headlessLabel = 'service.kubernetes.io/headless';
export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** An empty selector selects nothing: it is none. */
export const hasSelector = ({ spec }: Service): boolean => Object.keys(spec?.selector ?? {}).length > 0;

/** Services without a selector, and names for something outside, are not ours to fill. */
export const hasManagedEndpoints = (service: Service): boolean =>
  service.spec?.type !== 'ExternalName' && hasSelector(service);

export const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === undefined || spec.clusterIP === 'None';

export const podsOf = (lister: Lister<Pod>, service: Stored<Service>): Stored<Pod>[] =>
  lister.list({ namespace: service.metadata.namespace!, selector: selectorFromMap(service.spec?.selector) });

/** A pod has an endpoint from its first address until it ends. */
export function belongsInEndpoints(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod) || podAddresses(pod).length === 0) return false;
  return includeTerminating || !pod.metadata?.deletionTimestamp;
}

export const podAddresses = ({ status }: Pod): string[] =>
  (status?.podIPs ?? [])
    .flatMap(({ ip }) => (ip ? [ip] : []))
    .concat(!status?.podIPs && status?.podIP ? [status.podIP] : []);

/** A pod's host name is published by the headless Service that its subdomain names. */
export const publishesHostname = (pod: Pod, service: Service): boolean =>
  Boolean(pod.spec?.hostname) &&
  pod.spec?.subdomain === service.metadata?.name &&
  pod.metadata?.namespace === service.metadata?.namespace;

/** The ports of the Service as this pod has them; a named target port that it lacks is left out. */
export function endpointPorts(service: Service, pod: Pod): (EndpointPort & { name: string })[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = findPort(pod, servicePort.targetPort ?? servicePort.port, servicePort.protocol);
    if (port === undefined) return [];
    const { name = '', protocol, appProtocol } = servicePort;
    return [{ name, port, protocol: protocol ?? 'TCP', ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

/** Keys of the Services that select a changed pod now, and, when its labels changed, of those that did before. */
export const enqueueServicesOfPod: Enqueue<Pod, ControllerDeps> = (pod, old, deps) => {
  if (old && !endpointChanged(pod, old)) return [];
  const selecting = deps.informers
    .informer(services)
    .lister.list({ namespace: pod.metadata.namespace! })
    .filter(hasManagedEndpoints)
    .filter((service) => {
      const selector = selectorFromMap(service.spec?.selector);
      return selector.matches(pod.metadata.labels) || (old && selector.matches(old.metadata.labels));
    });
  return selecting.map(keyOf);
};

function endpointChanged(pod: Pod, old: Pod): boolean {
  return !deepEqual(endpointFacts(pod), endpointFacts(old));
}

const endpointFacts = (pod: Pod): unknown => ({
  uid: pod.metadata?.uid,
  labels: pod.metadata?.labels,
  terminating: pod.metadata?.deletionTimestamp !== undefined,
  terminal: isPodTerminal(pod),
  ready: isPodReady(pod),
  addresses: podAddresses(pod),
  node: pod.spec?.nodeName,
  hostname: pod.spec?.hostname,
  subdomain: pod.spec?.subdomain,
});
