/** Finds what a request of the kubelet's API names: a pod, a container that can be entered, one whose log can be read. */
import {
  type Container,
  containersOf,
  type ContainerStatus,
  type EphemeralContainer,
  type Pod,
} from '../../api/core/v1/pod';
import { newBadRequest, newNotFound, StatusError } from '../../api/meta/status-error';

/** What the server sees of the kubelet's pods. */
export interface KubeletPods {
  /** With the status as the kubelet has it. */
  list(): Pod[];
  /** By name, or undefined. */
  get(namespace: string, name: string): Pod | undefined;
  /** The id of the sandbox that runs; undefined without one. */
  sandboxId(uid: string): string | undefined;
}

const podResource = { group: '', resource: 'pods' };

/** Throws NotFound. */
export function requirePod(pods: KubeletPods, namespace: string, name: string): Pod {
  const pod = pods.get(namespace, name);
  if (!pod) throw newNotFound(podResource, name);
  return pod;
}

function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    ({ name }) => name === container,
  );
}

/** What the pod asks for the container of that name. Throws NotFound. */
export function containerSpec(pod: Pod, container: string): Container | EphemeralContainer {
  const all = [...containersOf(pod), ...(pod.spec?.ephemeralContainers ?? [])];
  const spec = all.find(({ name }) => name === container);
  if (!spec) throw notFound(container);
  return spec;
}

const notFound = (container: string): StatusError =>
  new StatusError(404, 'NotFound', `container not found (${JSON.stringify(container)})`);

/** `docker://<id>` without its scheme. */
const idOf = (containerId: string | undefined): string | undefined => containerId?.replace(/^[a-z]+:\/\//, '');

/** The id of a running container. Throws when it does not run. */
export function runningContainer(pod: Pod, container: string): string {
  const status = statusOf(pod, container);
  const id = status?.state?.running && idOf(status.containerID);
  if (!id) throw notFound(container);
  return id;
}

/**
 * The id of the container whose log is asked for. Throws BadRequest in upstream's words (`kubelet_pods.go`,
 * validateContainerLogStatus) when there is none yet.
 */
export function logContainer(pod: Pod, container: string, previous: boolean): string {
  const status = statusOf(pod, container);
  const names = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata?.name ?? '')}`;
  if (!status) throw newBadRequest(`${names} is not available`);
  const last = idOf(status.lastState?.terminated?.containerID);
  if (previous) {
    if (!last) throw newBadRequest(`previous terminated ${names} not found`);
    return last;
  }
  const { running, terminated, waiting } = status.state ?? {};
  const current = running ? idOf(status.containerID) : idOf(terminated?.containerID);
  if (current) return current;
  if (last) return last;
  if (waiting?.reason === 'ErrImagePull' || waiting?.reason === 'ImagePullBackOff') {
    const why = waiting.reason === 'ErrImagePull' ? "image can't be pulled" : 'trying and failing to pull image';
    throw newBadRequest(`${names} is waiting to start: ${why}`);
  }
  if (waiting) throw newBadRequest(`${names} is waiting to start: ${waiting.reason ?? ''}`);
  throw newBadRequest(`${names} is not available`);
}
