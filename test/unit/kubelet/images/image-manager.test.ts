import { createImageManager, ImageError } from '../../../../kubelet/images/image-manager';
import { RuntimeError } from '../../../../kubelet/runtime/runtime';
import { createFakeClock } from '../../../support/fake-clock';
import { container, podOf } from '../pods/pod-fixtures';

function ensureWith(inspectImage: () => Promise<never>) {
  const events: string[] = [];
  const manager = createImageManager({
    runtime: { inspectImage } as never,
    recorder: { event: (_pod, type, reason, message) => events.push(`${type} ${reason} ${message}`) },
    clock: createFakeClock(),
  });
  const outcome = manager
    .ensure(podOf({}), container('app'), 'spec.containers{app}', async () => [], new AbortController().signal)
    .catch((error: unknown) => error);
  return { events, outcome };
}

describe('the image manager', () => {
  it('lets a container wait whose image the engine refuses to look for', async () => {
    const { events, outcome } = ensureWith(() => Promise.reject(new RuntimeError('inspect image', 'bad name', 400)));
    const message = 'Failed to inspect image "app:1": bad name';
    expect(await outcome).toBeInstanceOf(ImageError);
    expect(await outcome).toMatchObject({ reason: 'ImageInspectError', message });
    expect(events).toEqual([`Warning InspectFailed ${message}`]);
  });

  it('says nothing of an image while the engine is away', async () => {
    const away = new RuntimeError('inspect image', 'connect ENOENT', undefined);
    const { events, outcome } = ensureWith(() => Promise.reject(away));
    expect(await outcome).toBe(away);
    expect(events).toEqual([]);
  });
});
