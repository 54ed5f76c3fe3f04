/** Brings one container up: image, environment, mounts, create, start, postStart, with upstream's events and waiting reasons. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfigMap } from '../../api/core/v1/configmap';
import { type Container, containersOf, type EphemeralContainer, type Pod } from '../../api/core/v1/pod';
import type { Secret } from '../../api/core/v1/secret';
import type { Service } from '../../api/core/v1/service';
import type { ImageManager } from '../images/image-manager';
import { ImageError } from '../images/image-manager';
import { containerConfig, type Mount } from '../runtime/container-config';
import { isOomScoreRefusal } from '../runtime/docker';
import type { ContainerConfig, ImageInfo, Runtime } from '../runtime/runtime';
import { containerMounts, type MountedVolumes } from '../volumes/volume-manager';
import { containerEnv } from './container-env';
import { fieldPathOf, formatPod } from './field-path';
import type { PodFacts } from './field-ref';
import { killContainer, type KillDeps } from './kill-containers';
import { runHook } from './lifecycle-hooks';
import type { PodCache } from './pod-cache';
import { podFilesIn } from './pod-files';
import { readSeccompProfile, SeccompError } from './seccomp-profile';
import { TerminationDeadline } from './termination-deadline';
import { terminationLogFile } from './termination-message';

/** A container could not be started; `reason` is what it waits with, `retryAtMs` when to try again. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly reason: string,
    message: string,
    readonly retryAtMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface StartDeps extends KillDeps {
  images: ImageManager;
  cache: PodCache;
  machine: { memoryBytes: number };
  seccompRoot: string;
  podDir(uid: string): string;
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  services(): readonly Service[];
  /** The container runs: its first probe is due now. */
  onStarted(pod: Pod, container: Container, containerId: string): void;
}

export interface StartRequest {
  pod: Pod;
  container: Container;
  restartCount: number;
  sandboxId: string;
  /** The id of a container of the pod, if there is one of that name. */
  idOf(name: string): string | undefined;
  facts: PodFacts;
  volumes: MountedVolumes;
  signal: AbortSignal;
}

export async function startContainer(deps: StartDeps, request: StartRequest): Promise<void> {
  const { pod, container } = request;
  const fieldPath = fieldPathOf(pod, container.name);
  const warn = (message: string): void => deps.recorder.event(pod, 'Warning', 'Failed', message, fieldPath);

  const image = await ensureImage(deps, request, fieldPath);
  let config: ContainerConfig;
  try {
    config = await prepare(deps, request, image);
  } catch (cause) {
    const message = textOf(cause);
    warn(`Error: ${message}`);
    const reason = cause instanceof SeccompError ? 'CreateContainerError' : 'CreateContainerConfigError';
    throw new StartError(reason, message, undefined, { cause });
  }
  const id = await createAndStart(deps, request, config, warn);
  deps.onStarted(pod, container, id);
  await postStart(deps, request, id, fieldPath);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function ensureImage(
  deps: StartDeps,
  { pod, container, signal }: StartRequest,
  fieldPath: string,
): Promise<ImageInfo> {
  const pullSecrets = async (): Promise<Secret[]> => {
    const names = (pod.spec?.imagePullSecrets ?? []).map(({ name }) => name ?? '');
    const found = await Promise.all(names.map((name) => deps.secret(pod.metadata?.namespace ?? '', name)));
    const missing = names.filter((_, index) => !found[index]).join(', ');
    if (missing) {
      const message = `Unable to retrieve some image pull secrets (${missing}); attempting to pull the image may not succeed.`;
      deps.recorder.event(pod, 'Warning', 'FailedToRetrieveImagePullSecret', message);
    }
    return found.filter((secret) => secret !== undefined);
  };
  try {
    return await deps.images.ensure(pod, container, fieldPath, pullSecrets, signal);
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    const event = (message: string): void => deps.recorder.event(pod, 'Warning', 'Failed', message, fieldPath);
    event(`Error: ${cause.reason}`);
    throw new StartError(cause.reason, cause.message, cause.retryAtMs, { cause });
  }
}

/** Upstream's getTargetID. */
function targetOf({ container, idOf }: StartRequest): string | undefined {
  const { targetContainerName: name } = container as EphemeralContainer;
  if (!name) return undefined;
  const id = idOf(name);
  if (!id) throw new Error(`unable to find target container ${name}`);
  return id;
}

async function prepare(deps: StartDeps, request: StartRequest, image: ImageInfo): Promise<ContainerConfig> {
  const { pod, container, facts } = request;
  const namespace = pod.metadata?.namespace ?? '';
  checkNonRoot(pod, container, image);
  const targetId = targetOf(request);
  const env = await containerEnv(container, {
    facts,
    configMap: (name) => deps.configMap(namespace, name),
    secret: (name) => deps.secret(namespace, name),
    services:
      pod.spec?.enableServiceLinks === false ? masterServices(deps.services()) : servicesOf(deps.services(), namespace),
    containers: containersOf(pod),
  });
  const podDir = deps.podDir(pod.metadata?.uid ?? '');
  const mounts = [
    ...(await containerMounts(container, request.volumes, podDir, env)),
    ...(await kubeletMounts(deps, request)),
  ];
  const fsGroup = pod.spec?.securityContext?.fsGroup;
  const seccompProfile = await readSeccompProfile(deps.seccompRoot, pod, container);
  return containerConfig({
    pod,
    container,
    restartCount: request.restartCount,
    sandboxId: request.sandboxId,
    ...(targetId && { targetId }),
    env,
    mounts,
    devices: [],
    machine: deps.machine,
    groups: fsGroup === undefined ? [] : [fsGroup],
    seccompRoot: deps.seccompRoot,
    ...(seccompProfile && { seccompProfile }),
  });
}

/** Upstream's verifyRunAsNonRoot. */
function checkNonRoot(pod: Pod, container: Container, image: ImageInfo): void {
  const shared = pod.spec?.securityContext;
  const own = container.securityContext;
  if (!(own?.runAsNonRoot ?? shared?.runAsNonRoot)) return;
  const user = own?.runAsUser ?? shared?.runAsUser;
  const where = `(pod: "${pod.metadata?.name}_${pod.metadata?.namespace}(${pod.metadata?.uid})", container: ${container.name})`;
  if (user !== undefined) {
    if (user === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  const imageUser = image.user.split(':')[0] ?? '';
  if (imageUser === '' || imageUser === '0') {
    throw new Error(`container has runAsNonRoot and image will run as root ${where}`);
  }
  if (!/^\d+$/.test(imageUser)) {
    throw new Error(
      `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${where}`,
    );
  }
}

const isMaster = (service: Service): boolean =>
  service.metadata?.namespace === 'default' && service.metadata?.name === 'kubernetes';

const masterServices = (services: readonly Service[]): Service[] => services.filter(isMaster);

/** Those of the pod's namespace, and the API server's. */
const servicesOf = (services: readonly Service[], namespace: string): Service[] =>
  services.filter((service) => service.metadata?.namespace === namespace || isMaster(service));

/** /etc/hosts, /etc/resolv.conf and the termination log, unless the container mounts something there itself. */
async function kubeletMounts({ podDir }: StartDeps, { pod, container, restartCount }: StartRequest): Promise<Mount[]> {
  const folder = podDir(pod.metadata?.uid ?? '');
  const files = podFilesIn(folder);
  const messageFile = terminationLogFile(folder, container.name, restartCount);
  await mkdir(path.dirname(messageFile), { recursive: true });
  await writeFile(messageFile, '');
  await chmod(messageFile, 0o666);
  const mounts: Mount[] = [
    { hostPath: files.hosts, containerPath: '/etc/hosts' },
    { hostPath: files.resolvConf, containerPath: '/etc/resolv.conf' },
    { hostPath: messageFile, containerPath: container.terminationMessagePath || '/dev/termination-log' },
  ];
  const own = new Set((container.volumeMounts ?? []).map(({ mountPath }) => mountPath));
  return mounts.filter(({ containerPath }) => !own.has(containerPath));
}

async function createAndStart(
  deps: StartDeps,
  { pod, container }: StartRequest,
  config: ContainerConfig,
  warn: (message: string) => void,
): Promise<string> {
  const { runtime, cache, recorder } = deps;
  let created: { id: string; adopted: boolean };
  try {
    created = await runtime.createContainer(config);
  } catch (cause) {
    warn(`Error: ${textOf(cause)}`);
    throw new StartError('CreateContainerError', textOf(cause), undefined, { cause });
  }
  const fieldPath = fieldPathOf(pod, container.name);
  recorder.event(pod, 'Normal', 'Created', 'Container created', fieldPath);
  try {
    const id = await startCreated(runtime, cache, config, created.id);
    recorder.event(pod, 'Normal', 'Started', 'Container started', fieldPath);
    return id;
  } catch (cause) {
    warn(`Error: ${textOf(cause)}`);
    await cache.refresh(created.id).catch(() => undefined);
    throw new StartError('RunContainerError', textOf(cause), undefined, { cause });
  }
}

/** Starts and looks once. An engine that refuses the oom score says so on the first start: then it is made again without. */
export async function startCreated(
  runtime: Runtime,
  cache: PodCache,
  config: ContainerConfig,
  createdId: string,
): Promise<string> {
  let id = createdId;
  let settled = cache.expectStart(id);
  try {
    try {
      await runtime.startContainer(id);
    } catch (error) {
      if (!isOomScoreRefusal(error) || (config.HostConfig.OomScoreAdj ?? 0) >= 0) throw error;
      await runtime.removeContainer(id);
      cache.forget(id);
      settled();
      ({ id } = await runtime.createContainer({ ...config, HostConfig: { ...config.HostConfig, OomScoreAdj: 0 } }));
      settled = cache.expectStart(id);
      await runtime.startContainer(id);
    }
    await cache.refresh(id);
    return id;
  } finally {
    settled();
  }
}

async function postStart(deps: StartDeps, request: StartRequest, id: string, fieldPath: string): Promise<void> {
  const { pod, container, facts, signal } = request;
  const handler = container.lifecycle?.postStart;
  if (!handler) return;
  try {
    const target = { pod: formatPod(pod), containerId: id, container, podIp: facts.podIPs[0] ?? '' };
    await runHook({ runtime: deps.runtime, clock: deps.clock }, handler, target, signal);
  } catch (cause) {
    // The pod ends, and the container with it, in the time that the deletion gives.
    if (signal.aborted) throw cause;
    const text = textOf(cause);
    deps.recorder.event(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed`, fieldPath);
    const graceMs = (pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
    const deadline = new TerminationDeadline(deps.clock.now() + graceMs, () => deps.clock.now());
    const status = deps.cache.container(id);
    if (status) {
      const killTarget = { pod, status, podIp: facts.podIPs[0] ?? '' };
      await killContainer(deps, killTarget, deadline, { message: 'FailedPostStartHook', signal });
      await deps.cache.refresh(id);
    }
    throw new StartError('PostStartHookError', text, undefined, { cause });
  }
}
