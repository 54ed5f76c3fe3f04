/** What the stores are made from, and what every verb of one store works with. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { GroupResource } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { Clock } from '../../component-base/clock';
import type { Admission, AdmissionAttributes, Operation } from '../admission/admission';
import type { FieldManager } from '../patch/apply/field-manager';
import type { RequestContext } from '../request-context';
import type { Storage } from '../storage/storage';
import type { ComputeObjects } from './computed-store';
import type { StoreHooks } from './store';

export interface StoreDeps {
  storageFor<T extends KubeObject>(definition: ResourceDefinition<T>): Storage<T>;
  admission: Admission;
  /** By plural name, for kinds of the API's own groups. */
  hooks?: Readonly<Record<string, StoreHooks<any>>>;
  /** Kinds that are not stored, by plural name. */
  computed?: Readonly<Record<string, ComputeObjects>>;
  clock: Clock;
  /** Seconds until objects of the kind expire. Default: `definition.ttlSeconds`. */
  ttlSeconds?(definition: ResourceDefinition): number | undefined;
}

/** One kind's part of the above. */
export interface KindStore<T extends KubeObject> {
  definition: ResourceDefinition<T>;
  storage: Storage<T>;
  admission: Admission;
  hooks: StoreHooks<T>;
  fieldManager: FieldManager;
  clock: Clock;
  ttlSeconds: number | undefined;
  resource: GroupResource;
}

/** `namespace/name`, or the name of a cluster-scoped object. */
export const storageKey = (definition: ResourceDefinition, namespace: string, name: string): string =>
  definition.namespaced ? `${namespace}/${name}` : name;

export const admissionAttributes = <T extends KubeObject>(
  definition: ResourceDefinition<T>,
  operation: Operation,
  context: RequestContext,
  rest: Pick<AdmissionAttributes<T>, 'namespace' | 'name'> & Partial<AdmissionAttributes<T>>,
): AdmissionAttributes<T> => ({ operation, definition, subresource: '', context, ...rest });
