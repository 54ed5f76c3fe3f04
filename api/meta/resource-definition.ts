/**
 * What kubelab knows of a kind, as data and pure hooks. Discovery, routing, OpenAPI, tables, storage, patching, clients and
 * RBAC bootstrap are driven by these definitions; generic code never names a kind.
 */
import type { Definitions } from '../schema/schema';
import type { FieldError } from './field-error';
import type { StatusError } from './status-error';
import type { KubeObject } from './types';

export type Scope = 'Namespaced' | 'Cluster';

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export interface ResourceNames {
  plural: string;
  singular: string;
  shortNames?: string[];
  categories?: string[];
}

/** One column of a Table. `priority` 0 prints always, 1 only with `-o wide`. */
export interface TableColumn<T extends KubeObject = any> {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: '' | 'name' | 'int32' | 'date';
  description: string;
  priority?: 0 | 1;
  /** The cell. `now` is in milliseconds, for ages, which are rendered on the server ("3m", "5d2h"). */
  value(object: T, now: number): string | number | boolean | null;
}

/** Hooks of a write through the main resource or through `status`. All are pure and may edit `object` in place. */
export interface UpdateHooks<T extends KubeObject> {
  /** Resets what this path must not change: the main resource keeps the old status, `status` keeps the old spec. */
  prepareForUpdate?(object: T, old: T): void;
  /**
   * Upstream's ValidateXUpdate: all that is asked of the new state, not only of the change. Without it, an update through
   * the main resource is checked by `validate`.
   */
  validateUpdate?(object: T, old: T): FieldError[];
  /** Warnings for the `Warning` header. */
  warnings?(object: T, old?: T): string[];
}

export interface ScaleSubresource {
  /** Paths without a leading dot: `spec.replicas`. */
  specReplicas: string;
  statusReplicas: string;
  /** Where the label selector is: an object path (`spec.selector`) or, for CRDs, a string path. */
  selector?: string;
  /** The selector is a map of labels instead of a LabelSelector (ReplicationController). */
  selectorIsMap?: boolean;
}

/**
 * A subresource with an answer of its own (binding, eviction, token, log, exec, …), as discovery lists it. Its handler is
 * in the table of `apiserver/registry/kinds`.
 */
export interface ConnectSubresource {
  verbs: Verb[];
  /** The kind of body it takes or gives. */
  group?: string;
  version?: string;
  kind: string;
  /** A proxy: HEAD and OPTIONS are passed on to what is behind it. */
  passesOn?: true;
}

/**
 * Another group and version in which the same stored objects are served (Event in events.k8s.io). Conversions are pure and
 * give new objects; `schema` and `columns` are those of that version.
 */
export interface ServedVersion<T extends KubeObject = any> {
  group: string;
  version: string;
  schema: string;
  names?: Partial<ResourceNames>;
  /** From the stored form to this version. */
  encode(object: T): KubeObject;
  /** From this version to the stored form. */
  decode(object: KubeObject): T;
  columns?: TableColumn[];
  scale?: ScaleSubresource;
}

/** What decoding finds in a body, beside what it prunes in place. */
export interface BodyCheck {
  /** In upstream's words; the first is answered. */
  typeErrors: string[];
  /** Paths as strict decoding prints them: `spec.containers[0].foo`. */
  unknownFields: string[];
}

/**
 * What only a kind has that a CustomResourceDefinition defines at run time. Each of its versions is a definition of its own;
 * the storage below converts between them.
 */
export interface CustomKind {
  /** In which objects are written. */
  storageVersion: string;
  /** Checks and prunes a decoded body by its structural schema, in place. */
  checkBody(object: KubeObject): BodyCheck;
  /** OpenAPI definitions of its own: those of `schema`, of its list, and what they refer to beyond the built-in ones. */
  openApi(openApiVersion: 'v2' | 'v3'): Definitions;
  /** For the `Warning` header of every request. */
  warnings: readonly string[];
  /** Why nothing new may be created at the moment. */
  refusesCreate?: StatusError;
  /** The versions that are served beside this one. Without it, fields owned in another version are given up. */
  versions?: CustomVersions;
}

export interface CustomVersions {
  /** The definition of a served version. */
  find(apiVersion: string): ResourceDefinition | undefined;
  /** A new object in a served version. */
  convert(object: KubeObject, apiVersion: string): Promise<KubeObject> | KubeObject;
}

/** What the author of a kind writes. */
export interface ResourceSpec<T extends KubeObject> extends UpdateHooks<T> {
  /** '' for the core group. */
  group: string;
  version: string;
  kind: string;
  /** Default: the kind and `List`. */
  listKind?: string;
  names: ResourceNames;
  scope: Scope;
  /** Default: all verbs. Review kinds have only `create` and are never stored. */
  verbs?: readonly Verb[];
  /** Sets missing fields, in place, as upstream's `SetDefaults_*`. Runs after decoding, before admission. */
  defaults?(object: T): void;
  /**
   * Resets what a client may not set on create, and sets what every new object has. Runs after admission; before it,
   * generic code clears the status where there is a status subresource, unless `keepsStatusOnCreate`.
   */
  prepareForCreate?(object: T): void;
  /** The creator reports the first status itself (a kubelet its Node). */
  keepsStatusOnCreate?: boolean;
  /** Upstream's ValidateX. Metadata is validated by generic code with `validateName`. */
  validate?(object: T): FieldError[];
  /** Messages about a bad `metadata.name`; default: DNS-1123 subdomain. `prefix` is true for generateName. */
  validateName?(name: string, prefix: boolean): string[];
  /**
   * True when a spec change bumps `metadata.generation`. Default: true if the schema has a `spec` and the kind has a
   * status subresource.
   */
  generation?: boolean;
  /**
   * An empty list says something else than none, and null than nothing: so in custom resources and in the schemas of their definitions,
   * which no Go type stands behind.
   */
  emptyCounts?: boolean;
  /** Finalizers need no domain: so it is outside of upstream's core server. */
  allowUnqualifiedFinalizers?: boolean;
  /** Update without a resourceVersion is allowed unless false (upstream AllowUnconditionalUpdate). */
  allowUnconditionalUpdate?: boolean;
  /** PUT of a name that does not exist creates it (upstream AllowCreateOnUpdate). */
  allowCreateOnUpdate?: boolean;
  /** How much graceful deletion time the object asks for, in seconds; only kinds with graceful deletion (pods). */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
  /** Default propagation policy of deletions. Default: 'Background'. */
  defaultPropagation?: 'Background' | 'Orphan';
  /** Told to whoever leaves the propagation policy of a deletion to `defaultPropagation`. */
  defaultPropagationWarning?: string;
  /** DELETE answers with the deleted object instead of a Status (upstream ReturnDeletedObject: pods, services, …). */
  returnDeletedObject?: boolean;
  /** Field selectors beyond `metadata.name` and `metadata.namespace`. */
  selectableFields?: Record<string, (object: T) => string>;
  subresources?: {
    status?: UpdateHooks<T>;
    scale?: ScaleSubresource;
    connect?: Record<string, ConnectSubresource>;
    /** More paths that store the whole object with hooks of their own, such as `approval` or `ephemeralcontainers`. */
    update?: Record<string, UpdateHooks<T>>;
  };
  /**
   * Every column of the table in upstream's printing order, Name first, wide ones (priority 1) usually after Age: build it
   * with `nameColumn` and `ageColumn` of `columns.ts`. Read it through `columnsOf`, which knows the default.
   */
  columns?: TableColumn<T>[];
  /** Seconds until stored objects expire (events); generic code attaches an etcd lease. */
  ttlSeconds?: number;
  servedVersions?: ServedVersion<T>[];
  /** For the `Warning` header of every request, as upstream's deprecated versions have one. */
  deprecation?: string;
  /** Present on kinds that are defined at run time. */
  custom?: CustomKind;
  /** OpenAPI definition name; default: derived from group, version and kind (`io.k8s.api.core.v1.Pod`). */
  schema?: string;
}

/** A kind, ready for generic code. */
export interface ResourceDefinition<T extends KubeObject = any> extends ResourceSpec<T> {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** `PodList`. */
  readonly listKind: string;
  readonly schema: string;
  readonly verbs: readonly Verb[];
  readonly namespaced: boolean;
}

/** `v1` for the core group, else `group/version`. */
export const apiVersionOf = (group: string, version: string): string => (group ? `${group}/${version}` : version);

/** The OpenAPI definition name of a built-in kind. */
export function schemaNameOf(group: string, version: string, kind: string): string {
  if (group === 'apiextensions.k8s.io') {
    return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  }
  if (group === 'apiregistration.k8s.io') {
    return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${kind}`;
  }
  const short = group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replace(/\.authorization$|\.apiserver$/, '');
  return `io.k8s.api.${short}.${version}.${kind}`;
}

/** Completes a kind's facts with what follows from them. */
export function defineResource<T extends KubeObject>(spec: ResourceSpec<T>): ResourceDefinition<T> {
  const { group, version, kind } = spec;
  return {
    ...spec,
    apiVersion: apiVersionOf(group, version),
    listKind: spec.listKind ?? `${kind}List`,
    schema: spec.schema ?? schemaNameOf(group, version, kind),
    verbs: spec.verbs ?? allVerbs,
    namespaced: spec.scope === 'Namespaced',
  };
}
