/** No pod runs an image only because another one pulled it. Off by default. Upstream: `admission/alwayspullimages`. */
import type { Pod } from '../../api/core/v1/pod';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { only, refuse } from './refusal';

interface Pulling {
  imagePullPolicy?: string;
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

const pullingOf = ({ spec }: Pod): [path: string, container: Pulling][] =>
  lists.flatMap((list) =>
    (spec?.[list] ?? []).map((container, index): [string, Pulling] => [
      `spec.${list}[${index}].imagePullPolicy`,
      container,
    ]),
  );

/** An update without new images asks for nothing to be pulled. */
function hasNewImages({ object, oldObject }: AdmissionAttributes): boolean {
  if (!oldObject) return true;
  const imagesOf = ({ spec }: Pod): string[] =>
    lists.flatMap((list) => (spec?.[list] ?? []).map(({ image }) => image ?? ''));
  const known = new Set(imagesOf(oldObject as Pod));
  return imagesOf(object as Pod).some((image) => !known.has(image));
}

export const alwaysPullImages = (): AdmissionPlugin => ({
  name: 'AlwaysPullImages',
  operations: ['CREATE', 'UPDATE'],
  concerns: only('', 'pods', ['', 'ephemeralcontainers']),
  admit(attributes) {
    if (!hasNewImages(attributes)) return;
    for (const [, container] of pullingOf(attributes.object as Pod)) container.imagePullPolicy = 'Always';
  },
  validate(attributes) {
    if (!hasNewImages(attributes)) return;
    const bad = pullingOf(attributes.object as Pod).filter(([, { imagePullPolicy }]) => imagePullPolicy !== 'Always');
    if (!bad.length) return;
    const messages = bad.map(
      ([path, { imagePullPolicy = '' }]) =>
        `${path}: Unsupported value: ${JSON.stringify(imagePullPolicy)}: supported values: "Always"`,
    );
    throw refuse(attributes, messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);
  },
});
