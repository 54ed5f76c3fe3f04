/**
 * A pod's volumes: folders under `<root>/pods/<uid>/volumes/kubernetes.io~<type>/<name>`, as upstream lays them out. Setting up
 * is idempotent and is repeated at every sync, which is how changed config maps reach running pods; what is on disk is found
 * by pod UID, so nothing must be remembered.
 */
import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Container, Pod, Volume } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Mount } from '../runtime/container-config';
import { expand } from '../pods/expansion';
import { writePayload } from './atomic-writer';
import { ensureHostPath } from './host-path';
import { mountsBelow, mountTmpfs, unmountBelow } from '../../component-base/mounts';
import { payloadOf, type PayloadSources, VolumeError } from './payloads';
import { bindSubPath } from './sub-path';

export interface MountedVolume {
  hostPath: string;
  /** Content that the kubelet writes is read-only to containers. */
  readOnly: boolean;
}

export interface VolumeManagerOptions {
  rootDir: string;
  clock: Clock;
  log: Logger;
}

export type MountedVolumes = ReadonlyMap<string, MountedVolume>;

export interface VolumeManager {
  podDir(uid: string): string;
  /** Throws an AggregateError with a VolumeError for each volume that failed, in the words of events. */
  setUp(pod: Pod, sources: PayloadSources): Promise<MountedVolumes>;
  /** Unmounts all that the pod had on disk and puts it out of the way; it is deleted in a moment. */
  cleanUp(uid: string): Promise<void>;
  /** Pods that have something on disk. */
  podsOnDisk(): Promise<string[]>;
  /** Deletes in a moment what was put out of the way, also by an earlier process. */
  deleteRemoved(): void;
}

/** While many pods end the engine needs the machine for itself. */
const deletedAfterMs = 1_000;

export function createVolumeManager({ rootDir, clock, log }: VolumeManagerOptions): VolumeManager {
  const podsDir = path.join(rootDir, 'pods');
  const removedDir = path.join(rootDir, 'removed-pods');
  let deletionIsDue = false;
  const podDir = (uid: string): string => path.join(podsDir, uid);

  async function setUpOne(pod: Pod, volume: Volume, sources: PayloadSources): Promise<MountedVolume> {
    if (volume.hostPath) {
      await ensureHostPath(volume.hostPath.path, volume.hostPath.type);
      return { hostPath: volume.hostPath.path, readOnly: false };
    }
    const type = typeOf(volume);
    const folder = path.join(podDir(pod.metadata?.uid ?? ''), 'volumes', `kubernetes.io~${type}`, volume.name);
    const gid = pod.spec?.securityContext?.fsGroup;
    if (volume.emptyDir) {
      await setUpEmptyDir(folder, volume.emptyDir, gid);
      return { hostPath: folder, readOnly: false };
    }
    // The objects first: a pod that waits for a missing config map leaves no half-made volume.
    const payload = await payloadOf(volume, sources);
    if (!payload) throw new VolumeError(`no volume plugin matched name: ${type}`);
    await mkdir(folder, { recursive: true });
    await chmod(folder, gid === undefined ? 0o777 : 0o2777);
    if (gid !== undefined) await chown(folder, 0, gid);
    await writePayload(folder, payload, gid);
    return { hostPath: folder, readOnly: true };
  }

  function deleteRemoved(): void {
    if (deletionIsDue) return;
    deletionIsDue = true;
    clock.after(deletedAfterMs, () => {
      deletionIsDue = false;
      deleteAllRemoved().catch((error: unknown) => log.warn({ err: error }, 'Deleting files of removed pods failed'));
    });
  }

  /** What does not go is tried again with the next. */
  async function deleteAllRemoved(): Promise<void> {
    // A mount that was made in the moment before has moved along.
    const mounted = await unmountBelow(removedDir);
    for (const name of await readdir(removedDir).catch(() => [])) {
      const folder = path.join(removedDir, name);
      if (mounted.some((target) => target.startsWith(`${folder}/`))) continue;
      await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
        log.warn({ err: error, folder }, 'Files of a removed pod cannot be deleted'),
      );
    }
  }

  return {
    podDir,
    async setUp(pod, sources) {
      const volumes = pod.spec?.volumes ?? [];
      const mounted = await allDone(
        volumes.map(async (volume): Promise<[string, MountedVolume]> => {
          try {
            return [volume.name, await setUpOne(pod, volume, sources)];
          } catch (cause) {
            const text = cause instanceof Error ? cause.message : String(cause);
            throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${text}`, { cause });
          }
        }),
      );
      return new Map(mounted);
    },
    async cleanUp(uid) {
      const folder = podDir(uid);
      // Never delete through a mount that would not go.
      if ((await unmountBelow(folder)).length > 0) throw new VolumeError(`volumes of pod ${uid} are still mounted`);
      await mkdir(removedDir, { recursive: true });
      try {
        // A static pod comes back under the same UID, perhaps at once.
        await rename(folder, path.join(removedDir, randomUUID()));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      deleteRemoved();
    },
    deleteRemoved,
    podsOnDisk: () => readdir(podsDir).catch(() => []),
  };
}

/** Unlike `Promise.all` it leaves nothing under way when it rejects: what is mounted later would be in nobody's hands. */
async function allDone<T>(tasks: Promise<T>[]): Promise<T[]> {
  const failures = (await Promise.allSettled(tasks)).filter((outcome) => outcome.status === 'rejected');
  if (failures.length === 0) return Promise.all(tasks);
  const errors = failures.map(({ reason }) => reason as Error);
  throw new AggregateError(errors, errors.map(({ message }) => message).join(', '));
}

const typeOf = (volume: Volume): string =>
  Object.keys(volume)
    .find((key) => key !== 'name')
    ?.replace(/^configMap$/, 'configmap')
    .replace(/^downwardAPI$/, 'downward-api')
    .replace(/^emptyDir$/, 'empty-dir') ?? 'empty-dir';

async function setUpEmptyDir(
  folder: string,
  { medium, sizeLimit }: { medium?: string; sizeLimit?: string },
  gid: number | undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (medium === 'Memory' && !(await mountsBelow(folder)).includes(folder)) {
    await mountTmpfs(folder, Quantity.tryParse(sizeLimit)?.value());
  }
  await chmod(folder, gid === undefined ? 0o777 : 0o2777);
  if (gid !== undefined) await chown(folder, 0, gid);
}

/** The mounts of one container. `env` serves subPathExpr; sub-paths are bound below `podDir`. */
export async function containerMounts(
  container: Container,
  volumes: MountedVolumes,
  podDir: string,
  env: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  const target = (volume: string, index: number): string =>
    path.join(podDir, 'volume-subpaths', volume, container.name, String(index));
  const mounts: Mount[] = [];
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const volume = volumes.get(mount.name);
    if (!volume)
      throw new VolumeError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = mount.subPathExpr ? expandPath(mount.subPathExpr, env) : (mount.subPath ?? '');
    const propagation = { HostToContainer: 'rslave', Bidirectional: 'rshared' }[mount.mountPropagation ?? ''];
    mounts.push({
      hostPath: subPath ? await bindSubPath(volume.hostPath, subPath, target(mount.name, index)) : volume.hostPath,
      containerPath: path.posix.isAbsolute(mount.mountPath) ? mount.mountPath : `/${mount.mountPath}`,
      readOnly: volume.readOnly || mount.readOnly === true,
      ...(propagation && { propagation }),
    });
  }
  return mounts;
}

/** Unlike in a command, a variable must be there, and not be empty. */
function expandPath(expression: string, env: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const expanded = expand(expression, (name) => {
    if (!env.get(name)) missing.add(name);
    return env.get(name);
  });
  if (missing.size > 0) throw new VolumeError(`missing value for ${[...missing].sort().join(', ')}`);
  return expanded;
}
