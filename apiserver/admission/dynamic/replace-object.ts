/** Puts the outcome of a mutation in the place of the request's object, as if the client had sent it. */
import { newInternalError } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import { checkSchema } from '../../endpoints/decode';
import { type Scale, setPath } from '../../endpoints/scale-object';
import type { RequestVersion, ServedRequest } from './served-request';

/**
 * `changed` is in the version of `served`. Unknown fields are dropped, defaults set; the object keeps its identity in memory,
 * because callers hold it. Throws InternalError when it is no object of its kind any more.
 */
export async function replaceObject(
  request: ServedRequest,
  served: RequestVersion,
  changed: KubeObject,
): Promise<void> {
  const { attributes } = request;
  const { definition, subresource } = attributes;
  const wrongType = (detail: string) => newInternalError(new Error(detail));
  if (changed.kind !== request.kindAs(served).kind) throw wrongType(`the kind of the object was changed`);
  if (request.scalePaths) {
    setPath(attributes.object, request.scalePaths.specReplicas, (changed as Scale).spec?.replicas ?? 0);
    request.changed();
    return;
  }
  let stored = changed;
  if (!definition.subresources?.connect?.[subresource]) {
    checkSchema(changed, { expected: served, fieldValidation: 'Ignore', warn: () => undefined, wrongType });
    stored = await served.toStored(changed);
    definition.defaults?.(stored);
  }
  const target = attributes.object as Record<string, unknown>;
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, stored);
  request.changed();
}
