/**
 * Frees disk when the engine's is nearly full: unused pulled images go, the longest unused first. Images built on this machine
 * (no repository digest) are never deleted, for nobody could bring them back.
 */
import { statfs } from 'node:fs/promises';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Runtime } from '../runtime/runtime';

export interface ImageGcDeps {
  runtime: Runtime;
  clock: Clock;
  log: Logger;
  /** Upstream's imageGCHighThresholdPercent and LowThresholdPercent. */
  highPercent?: number;
  lowPercent?: number;
}

export function createImageGc({ runtime, clock, log, highPercent = 85, lowPercent = 80 }: ImageGcDeps) {
  const lastUsedMs = new Map<string, number>();

  return async function collect(): Promise<void> {
    const { rootDir } = await runtime.info();
    const disk = await statfs(rootDir).catch(() => undefined);
    const images = await runtime.listImages();
    const used = new Set((await runtime.listContainers()).map(({ imageId }) => imageId));
    for (const { id } of images) if (used.has(id) || !lastUsedMs.has(id)) lastUsedMs.set(id, clock.now());
    if (!disk) return;
    const usedPercent = 100 - (disk.bavail * 100) / disk.blocks;
    if (usedPercent < highPercent) return;
    let toFree = ((usedPercent - lowPercent) / 100) * disk.blocks * disk.bsize;
    const candidates = images
      .filter(({ id, repoDigests }) => repoDigests.length > 0 && !used.has(id))
      .filter(({ id }) => clock.now() - (lastUsedMs.get(id) ?? 0) > 120_000)
      .sort((a, b) => (lastUsedMs.get(a.id) ?? 0) - (lastUsedMs.get(b.id) ?? 0));
    for (const image of candidates) {
      if (toFree <= 0) return;
      log.info({ image: image.repoTags[0] ?? image.id }, 'Removing an unused image to free disk space');
      await runtime.removeImage(image.id);
      toFree -= image.sizeBytes;
    }
  };
}
