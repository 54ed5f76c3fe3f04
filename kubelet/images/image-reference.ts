/** Image names as the engine reads them: defaults for registry and tag (distribution/reference). */

const reference =
  /^(?:(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][\w.+-]*:[0-9a-fA-F]{32,})?$/;

export const isValidReference = (image: string): boolean => reference.test(image);

/** `nginx` becomes `nginx:latest`; digests and tags stay. */
export function withDefaultTag(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return image.includes('@') || last.includes(':') ? image : `${image}:latest`;
}

/** The registry that serves it: `docker.io` unless the first part looks like a host. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io';
}
