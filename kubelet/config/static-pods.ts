/** Static pods: manifests in a folder, run without the API and shown in it by mirror pods (upstream pkg/kubelet/config). */
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Pod, pods } from '../../api/core/v1/pod';
import { cloneJson } from '../../api/meta/json';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { WakeableSleep } from '../../component-base/wakeable-sleep';

export const sourceAnnotation = 'kubernetes.io/config.source';
export const hashAnnotation = 'kubernetes.io/config.hash';
export const mirrorAnnotation = 'kubernetes.io/config.mirror';
const seenAnnotation = 'kubernetes.io/config.seen';

export const isStaticPod = (pod: Pod): boolean => pod.metadata?.annotations?.[sourceAnnotation] === 'file';
export const isMirrorPod = (pod: Pod): boolean => pod.metadata?.annotations?.[mirrorAnnotation] !== undefined;

/** Of this very manifest: when it changes, another pod takes over the name. */
export const isMirrorOf = (mirror: Pod, pod: Pod): boolean =>
  mirror.metadata?.annotations?.[mirrorAnnotation] === pod.metadata?.annotations?.[hashAnnotation];

/** Completes a manifest: a uid from its content, the node's name behind its own, defaults, tolerations. */
export function staticPodOf(manifest: Pod, file: string, nodeName: string, nowText: string): Pod {
  const pod = cloneJson(manifest);
  const hash = createHash('md5')
    .update(`${nodeName}${file}${JSON.stringify(manifest)}`)
    .digest('hex');
  pod.apiVersion = 'v1';
  pod.kind = 'Pod';
  pod.metadata = {
    ...pod.metadata,
    name: `${pod.metadata?.name ?? ''}-${nodeName}`,
    namespace: pod.metadata?.namespace ?? 'default',
    uid: hash,
    annotations: {
      ...pod.metadata?.annotations,
      [hashAnnotation]: hash,
      [seenAnnotation]: nowText,
      [sourceAnnotation]: 'file',
    },
  };
  if (pod.spec) {
    pod.spec.nodeName = nodeName;
    pod.spec.tolerations = [...(pod.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }];
  }
  pods.defaults?.(pod);
  pod.status = { phase: 'Pending' };
  return pod;
}

/** The object that stands for a static pod in the API. */
export function mirrorPodOf(pod: Pod, nodeUid: string | undefined): Pod {
  const mirror = cloneJson(pod);
  const { name, namespace, labels, annotations } = mirror.metadata ?? {};
  const nodeName = pod.spec?.nodeName ?? '';
  mirror.metadata = {
    ...(name && { name }),
    ...(namespace && { namespace }),
    ...(labels && { labels }),
    annotations: { ...annotations, [mirrorAnnotation]: annotations?.[hashAnnotation] ?? '' },
    ...(nodeUid && {
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid, controller: true }],
    }),
  };
  delete mirror.status;
  return mirror;
}

export interface StaticPodSource {
  current(): Pod[];
  run(signal: AbortSignal): Promise<void>;
}

export interface StaticPodDeps {
  folder: string;
  nodeName: string;
  clock: Clock;
  log: Logger;
  /** All static pods, whenever something in the folder changed. */
  onChange(pods: Pod[]): void;
}

/** Follows the folder with inotify and, as upstream, by looking every 20 s. */
export function createStaticPodSource({ folder, nodeName, clock, log, onChange }: StaticPodDeps): StaticPodSource {
  let known: Pod[] = [];
  let byFile = new Map<string, Pod[]>();

  function podsOf(text: string, file: string): Pod[] {
    if (!text.trim()) throw new Error('the file is empty');
    return parseAllDocuments(text).flatMap((document) => {
      if (document.errors[0]) throw document.errors[0];
      const manifest = document.toJS({ maxAliasCount: 100 }) as Pod | null;
      if (manifest?.kind !== 'Pod') return [];
      const pod = staticPodOf(manifest, file, nodeName, new Date(clock.now()).toISOString());
      const errors = pods.validate?.(pod) ?? [];
      if (errors.length > 0) log.warn({ file, errors }, 'A static pod is invalid');
      return errors.length > 0 ? [] : [pod];
    });
  }

  async function load(): Promise<void> {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const read = new Map<string, Pod[]>();
    for (const name of names.sort()) {
      if (name.startsWith('.') || !/\.(ya?ml|json|manifest)$/.test(name)) continue;
      const file = path.join(folder, name);
      try {
        read.set(file, podsOf(await readFile(file, 'utf8'), file));
      } catch (error) {
        log.warn({ err: error, file }, 'A static pod manifest cannot be read');
        // It may be half written: its pods run on until it says something else.
        read.set(file, byFile.get(file) ?? []);
      }
    }
    byFile = read;
    const found = [...read.values()].flat();
    const idsOf = (list: Pod[]): string => JSON.stringify(list.map(({ metadata }) => metadata?.uid));
    if (idsOf(known) === idsOf(found)) return;
    known = found;
    onChange(known);
  }

  return {
    current: () => known,
    async run(signal) {
      const rest = new WakeableSleep(clock);
      // There to be watched, before anybody puts a manifest in it.
      await mkdir(folder, { recursive: true }).catch((error: unknown) =>
        log.warn({ err: error, folder }, 'Cannot make the folder of static pods'),
      );
      const watcher = ((): { close(): void } | undefined => {
        try {
          return watch(folder, { persistent: false }, () => rest.wake());
        } catch {
          return undefined;
        }
      })();
      while (!signal.aborted) {
        // What cannot be read now is no reason to end what runs.
        await load().catch((error: unknown) => log.warn({ err: error, folder }, 'Cannot list the static pods'));
        await rest.sleep(20_000, signal);
      }
      watcher?.close();
    },
  };
}
