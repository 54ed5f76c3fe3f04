/** PATCH of an object, or of a subresource that holds the whole object. Upstream: `handlers/patch.go`. */
import { cloneJson } from '../../api/meta/json';
import { type ApiRequest, namespaceOf } from './api-request';
import { applyConfiguration, isApply } from './apply';
import type { EndpointDeps } from './dispatch';
import { sendEntry } from './get';
import { readPatch } from './patch-body';
import { acceptPatched } from './patched';

/**
 * The store repeats `transform` with the newer object after a lost race; a patch that names a resourceVersion itself then
 * conflicts.
 */
export async function patchObject(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  if (isApply(api)) return applyConfiguration(api, deps);
  const { context, store, resource } = api;
  const patch = await readPatch(api);
  const { entry, created } = await store.update(
    context,
    namespaceOf(api),
    context.info.name,
    (current) => {
      // The store answers NotFound when nothing is there and nothing is given.
      if (!current) return undefined;
      const served = resource.toServed(current);
      const patched = patch.apply(served === current ? cloneJson(current) : served, resource.schema);
      acceptPatched(api, patched, () => patch.check(patched, resource, (message) => context.warn(message)));
      return resource.toStored(patched);
    },
    { subresource: context.info.subresource },
  );
  await sendEntry(api, created ? 201 : 200, entry);
}
