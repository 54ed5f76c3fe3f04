/** Server-side apply: what the configuration makes of the stored object, or a new object. Upstream: `handlers/patch.go`. */
import { cloneJson } from '../../api/meta/json';
import { newConflict } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import { writeFactsOf } from './managed-fields';
import type { UpdateResult } from './store';
import type { KindStore } from './store-deps';
import { updateObject } from './update';

export interface ApplyRequest {
  /** In the version of the request; not changed. */
  config: KubeObject;
  /** Take what other managers have. */
  force: boolean;
  /** The hooks of the write: '' or `status`. */
  subresource?: string;
  /** What the applier's entry names, where the write goes through the main resource: `scale`. */
  recordAs?: string;
  /** Throws if the client may not create what does not exist. */
  authorizeCreate?(): Promise<void>;
  /** Checks what the configuration made, in the version of the request, and gives its stored form. */
  accept(object: KubeObject): KubeObject;
}

export function applyObject<T extends KubeObject>(
  kind: KindStore<T>,
  context: RequestContext,
  namespace: string,
  name: string,
  { config, force, subresource = '', recordAs = subresource, authorizeCreate, accept }: ApplyRequest,
): Promise<UpdateResult<T>> {
  return updateObject(kind, {
    context,
    namespace,
    name,
    subresource,
    recordAs,
    // A subresource is of an object that is there.
    createIfMissing: !recordAs,
    fieldsAreRecorded: true,
    ...(authorizeCreate && { authorizeCreate }),
    async transform(current: Stored<T> | undefined): Promise<T> {
      if (!current && recordAs) return undefined as never;
      const facts = writeFactsOf(kind, context, recordAs);
      // A copy each time: parts of it become parts of the object, which is edited.
      const object = accept(await kind.fieldManager.apply(current, cloneJson(config), { ...facts, force }));
      const uid = object.metadata?.uid;
      if (!current && uid) {
        const reason = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
        throw newConflict(kind.resource, name, reason);
      }
      return object as T;
    },
  });
}
