/** Makes a container's image present, by its pull policy, with upstream's events and waiting reasons (pkg/kubelet/images). */
import type { Container, Pod } from '../../api/core/v1/pod';
import type { Secret } from '../../api/core/v1/secret';
import type { EventRecorder } from '../../client/event-recorder';
import { abortable } from '../../component-base/abortable';
import type { Clock } from '../../component-base/clock';
import { createBackOff, formatGoDuration } from '../pods/back-off';
import { Limiter } from '../runtime/limiter';
import { type ImageInfo, type RegistryAuth, type Runtime, RuntimeError } from '../runtime/runtime';
import { isValidReference, withDefaultTag } from './image-reference';
import { credentialsFor } from './pull-secrets';

/** `reason` is what the container waits with. `retryAtMs` is set while a pull backs off. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly reason: string,
    message: string,
    readonly retryAtMs?: number,
  ) {
    super(message);
  }
}

/** How long an image that was seen counts as present. */
const recentMs = 5000;

/** How long a container waits with ErrImagePull before it shows that the pull backs off. */
const failureShownMs = 1000;

export interface ImageManager {
  /** Throws ImageError. `fieldPath` names the container in events. */
  ensure(
    pod: Pod,
    container: Container,
    fieldPath: string,
    pullSecrets: () => Promise<Secret[]>,
    signal: AbortSignal,
  ): Promise<ImageInfo>;
  /** `docker-pullable://repo@sha256:…` for pulled images, else `docker://sha256:…`. */
  imageIdOf(imageId: string): string;
}

export interface ImageManagerDeps {
  runtime: Runtime;
  recorder: EventRecorder;
  clock: Clock;
  parallelPulls?: number;
}

export function createImageManager({ runtime, recorder, clock, parallelPulls = 5 }: ImageManagerDeps): ImageManager {
  const backOff = createBackOff(10_000, 300_000);
  const failures = new Map<string, { atMs: number; message: string }>();
  const limiter = new Limiter(parallelPulls);
  const pulls = new Map<string, Promise<void>>();
  const digests = new Map<string, string>();

  /** Images seen a moment ago: thirty pods of one deployment need not ask thirty times. */
  const recent = new Map<string, { image: ImageInfo; atMs: number }>();

  async function present(reference: string): Promise<ImageInfo | undefined> {
    const known = recent.get(reference);
    if (known && clock.now() - known.atMs < recentMs) return known.image;
    const image = await runtime.inspectImage(reference);
    if (image) recent.set(reference, { image, atMs: clock.now() });
    else recent.delete(reference);
    return image;
  }

  const remember = (image: ImageInfo): ImageInfo => {
    if (image.repoDigests[0]) digests.set(image.id, image.repoDigests[0]);
    return image;
  };

  /** The same image is pulled once for all who wait for it, unless they bring different credentials. */
  function pullOnce(image: string, auths: RegistryAuth[]): Promise<void> {
    const key = `${image} ${JSON.stringify(auths)}`;
    const running = pulls.get(key);
    if (running) return running;
    const started = limiter.run(() => pullWithAny(image, auths)).finally(() => pulls.delete(key));
    pulls.set(key, started);
    return started;
  }

  async function pullWithAny(image: string, auths: RegistryAuth[]): Promise<void> {
    let failure: unknown;
    for (const auth of auths.length ? auths : [undefined]) {
      try {
        return await runtime.pullImage(image, auth);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  return {
    imageIdOf: (id) => (digests.has(id) ? `docker-pullable://${digests.get(id)}` : `docker://${id}`),
    async ensure(pod, container, fieldPath, pullSecrets, signal) {
      const event = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
        recorder.event(pod, type, reason, message, fieldPath);
      const written = container.image ?? '';
      const inspect = async (reference: string): Promise<ImageInfo | undefined> => {
        try {
          return await present(reference);
        } catch (error) {
          // An engine that is away will be back; one that refuses to answer will do so again.
          if (!(error instanceof RuntimeError) || error.unreachable) throw error;
          const message = `Failed to inspect image "${reference}": ${error.message}`;
          event('Warning', 'InspectFailed', message);
          throw new ImageError('ImageInspectError', message);
        }
      };
      if (!isValidReference(written)) {
        const message = `Failed to apply default image tag "${written}": couldn't parse image name "${written}": invalid reference format`;
        event('Warning', 'InspectFailed', message);
        throw new ImageError('InvalidImageName', message);
      }
      const image = withDefaultTag(written);
      const policy = container.imagePullPolicy ?? 'IfNotPresent';
      const found = await inspect(image);
      if (found && policy !== 'Always') {
        event('Normal', 'Pulled', `Container image "${written}" already present on machine`);
        return remember(found);
      }
      if (policy === 'Never') {
        const message = `Container image "${written}" is not present with pull policy of Never`;
        event('Warning', 'ErrImageNeverPull', message);
        throw new ImageError('ErrImageNeverPull', message);
      }

      const key = `${pod.metadata?.uid}/${image}`;
      const failed = failures.get(key);
      const delayMs = backOff.get(key, clock.now());
      if (failed && clock.now() < failed.atMs + delayMs) {
        const message = `Back-off pulling image "${written}"`;
        event('Normal', 'BackOff', message);
        throw new ImageError('ImagePullBackOff', `${message}: ErrImagePull: ${failed.message}`, failed.atMs + delayMs);
      }
      event('Normal', 'Pulling', `Pulling image "${written}"`);
      const startMs = clock.now();
      try {
        const credentials = credentialsFor(image, await pullSecrets());
        await abortable(pullOnce(image, credentials), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const message = error instanceof Error ? error.message : String(error);
        event('Warning', 'Failed', `Failed to pull image "${written}": ${message}`);
        const atMs = clock.now();
        failures.set(key, { atMs, message });
        backOff.next(key, atMs, atMs);
        throw new ImageError('ErrImagePull', message, atMs + failureShownMs);
      }
      failures.delete(key);
      recent.delete(image);
      const pulled = await inspect(image);
      if (!pulled) throw new ImageError('ImageInspectError', `Failed to inspect image "${written}" after its pull`);
      const took = formatPullTime(clock.now() - startMs);
      event(
        'Normal',
        'Pulled',
        `Successfully pulled image "${written}" in ${took} (${took} including waiting). Image size: ${pulled.sizeBytes} bytes.`,
      );
      return remember(pulled);
    },
  };
}

/** Go prints below a second as `345ms`, above as `1.234s`. */
function formatPullTime(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  return ms < 60_000 ? `${ms / 1000}s` : formatGoDuration(ms);
}
