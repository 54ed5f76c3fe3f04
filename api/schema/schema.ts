/** The part of OpenAPI's schema object that Kubernetes definitions use. */

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface Schema {
  $ref?: string;
  description?: string;
  type?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  default?: unknown;
  'x-kubernetes-group-version-kind'?: GroupVersionKind[];
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** Definitions by their upstream names: `io.k8s.api.core.v1.Pod`. */
export type Definitions = Readonly<Record<string, Schema>>;

const prefix = '#/definitions/';

export const refTo = (name: string): Schema => ({ $ref: prefix + name });

/** The name of the definition that a schema refers to. */
export const refName = (schema: Schema): string | undefined =>
  schema.$ref?.startsWith(prefix) ? schema.$ref.slice(prefix.length) : undefined;
