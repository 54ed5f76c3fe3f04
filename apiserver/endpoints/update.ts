/** PUT of an object, or of one of its subresources that hold the whole object (`status`, `approval`, …). */
import { newBadRequest } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { cloneJson } from '../../api/meta/json';
import { type ApiRequest, namespaceOf } from './api-request';
import { authorizeCreate } from './authorize-create';
import { matchNamespace, readObject } from './create';
import type { EndpointDeps } from './dispatch';
import { sendEntry } from './get';

export async function updateObject(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  const { context, store, resource } = api;
  const object = await readObject(api, deps, 'UpdateOptions');
  checkName(api, object);
  const namespace = matchNamespace(api, object);
  const desired = resource.toStored(object);
  const uid = object.metadata?.uid;
  const { entry, created } = await store.update(
    context,
    namespace,
    context.info.name,
    // A copy each time: the store edits it, and may ask again after a lost race.
    () => cloneJson(desired),
    {
      subresource: context.info.subresource,
      authorizeCreate: authorizeCreate(api, deps),
      ...(uid && { preconditions: { uid } }),
    },
  );
  await sendEntry(api, created ? 201 : 200, entry);
}

/** The name and namespace in a body must be those of the URL. */
export function checkName(api: ApiRequest, object: KubeObject): void {
  const { name } = api.context.info;
  const metadata = object.metadata ?? {};
  if (!metadata.name) {
    throw newBadRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (metadata.name !== name) {
    throw newBadRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  const namespace = namespaceOf(api);
  if (namespace && metadata.namespace && metadata.namespace !== namespace) {
    throw newBadRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${namespace})`,
    );
  }
}
