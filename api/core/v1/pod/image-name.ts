/** Reading an image reference as far as defaults need it. Upstream: `pkg/util/parsers`, distribution/reference. */

const repositoryPath = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagSyntax = /^\w[\w.-]{0,127}$/;

/** The tag of an image: `latest` when neither tag nor digest is given, '' when there is only a digest or no valid name. */
export function imageTag(image: string): string {
  const at = image.indexOf('@');
  const name = at < 0 ? image : image.slice(0, at);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = colon < 0 ? name : name.slice(0, colon);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  const slash = repository.indexOf('/');
  const first = repository.slice(0, Math.max(slash, 0));
  const hasDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (!repositoryPath.test(hasDomain ? repository.slice(slash + 1) : repository)) return '';
  if (tag !== undefined) return tagSyntax.test(tag) ? tag : '';
  return at < 0 ? 'latest' : '';
}
