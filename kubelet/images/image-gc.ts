/**
 * Frees disk when the engine's is nearly full: unused pulled images go, the longest unused first. Images built on this machine
 * (no repository digest) are never deleted, for nobody could bring them back.
 */
import { statfs } from 'node:fs/promises';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { ImageInfo, Runtime } from '../runtime/runtime';

export interface ImageGcDeps {
  runtime: Runtime;
  clock: Clock;
  log: Logger;
  /** Upstream's imageGCHighThresholdPercent, which 100 switches off, and imageGCLowThresholdPercent. */
  highPercent: number;
  lowPercent: number;
}

export interface ImageGc {
  /** When the disk is fuller than the high threshold: until it is as empty as the low one says. */
  collect(): Promise<void>;
  /** All that nobody uses. */
  deleteUnused(): Promise<void>;
}

/** A pull may be for a container that is about to be made. */
const minimumAgeMs = 120_000;

export function createImageGc({ runtime, clock, log, highPercent, lowPercent }: ImageGcDeps): ImageGc {
  const lastUsedMs = new Map<string, number>();
  const unusedSince = ({ id }: ImageInfo): number => lastUsedMs.get(id) ?? clock.now();

  async function unused(): Promise<ImageInfo[]> {
    const images = await runtime.listImages();
    const used = new Set((await runtime.listContainers()).map(({ imageId }) => imageId));
    for (const { id } of images) if (used.has(id) || !lastUsedMs.has(id)) lastUsedMs.set(id, clock.now());
    return images
      .filter(({ id, repoDigests }) => repoDigests.length > 0 && !used.has(id))
      .filter((image) => clock.now() - unusedSince(image) > minimumAgeMs)
      .sort((a, b) => unusedSince(a) - unusedSince(b));
  }

  async function free(candidates: readonly ImageInfo[], bytes: number): Promise<void> {
    let left = bytes;
    for (const image of candidates) {
      if (left <= 0) return;
      log.info({ image: image.repoTags[0] ?? image.id }, 'Removing an unused image to free disk space');
      await runtime.removeImage(image.id);
      left -= image.sizeBytes;
    }
  }

  return {
    async collect() {
      const candidates = await unused();
      if (highPercent >= 100) return;
      const { rootDir } = await runtime.info();
      const disk = await statfs(rootDir).catch(() => undefined);
      if (!disk) return;
      const usedPercent = 100 - (disk.bavail * 100) / disk.blocks;
      if (usedPercent >= highPercent)
        await free(candidates, ((usedPercent - lowPercent) / 100) * disk.blocks * disk.bsize);
    },
    deleteUnused: async () => free(await unused(), Infinity),
  };
}
