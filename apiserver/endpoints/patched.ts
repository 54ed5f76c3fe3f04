/** What every patch may leave: an object of the kind, with the name and namespace of the URL. */
import { newBadRequest } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { ApiRequest } from './api-request';
import { matchNamespace } from './create';
import { checkName } from './update';

/** Throws what the patched object is refused with. `check` looks at its schema. */
export function acceptPatched(api: ApiRequest, patched: KubeObject, check: () => void): void {
  const { resource } = api;
  if (typeof patched !== 'object' || patched === null || Array.isArray(patched)) {
    throw newBadRequest(`a patch must leave an object`);
  }
  if (patched.kind !== resource.kind || patched.apiVersion !== resource.apiVersion) {
    throw newBadRequest(
      `${patched.kind ?? ''} in version "${patched.apiVersion ?? ''}" cannot be handled as a ${resource.kind}: a patch cannot change the kind or version`,
    );
  }
  check();
  checkName(api, patched);
  matchNamespace(api, patched);
}
