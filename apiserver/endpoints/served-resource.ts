/** Which kinds are served where: the routing table that generic code looks up instead of naming kinds. */
import type { ResourceDefinition, ScaleSubresource, TableColumn } from '../../api/meta/resource-definition';
import { apiVersionOf } from '../../api/meta/resource-definition';
import type { GroupResource } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';

/** A definition as one group and version serves it. */
export interface ServedResource {
  readonly definition: ResourceDefinition;
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly schema: string;
  readonly columns: TableColumn[] | undefined;
  readonly scale: ScaleSubresource | undefined;
  readonly groupResource: GroupResource;
  /** From this version to the stored form; the same object where they are one. */
  toStored(object: KubeObject): KubeObject;
  /** From the stored form to this version; the same object where they are one. */
  toServed(object: KubeObject): KubeObject;
}

export interface ResourceTable {
  /** What is served under this group, version and plural name. */
  find(group: string, version: string, plural: string): ServedResource | undefined;
  /** True if any kind is served in this group and version. */
  hasGroupVersion(group: string, version: string): boolean;
  /** By kind, for messages about bodies of another kind. */
  findKind(apiVersion: string, kind: string): ServedResource | undefined;
  definitions(): readonly ResourceDefinition[];
}

const identity = (object: KubeObject): KubeObject => object;

/** The stored version of a definition first, then its other served versions. */
export function servedVersionsOf(definition: ResourceDefinition): ServedResource[] {
  const stored: ServedResource = {
    definition,
    group: definition.group,
    version: definition.version,
    apiVersion: definition.apiVersion,
    kind: definition.kind,
    listKind: definition.listKind,
    plural: definition.names.plural,
    schema: definition.schema,
    columns: definition.columns,
    scale: definition.subresources?.scale,
    groupResource: { group: definition.group, resource: definition.names.plural },
    toStored: identity,
    toServed: identity,
  };
  const others = (definition.servedVersions ?? []).map((served): ServedResource => {
    const plural = served.names?.plural ?? definition.names.plural;
    return {
      ...stored,
      group: served.group,
      version: served.version,
      apiVersion: apiVersionOf(served.group, served.version),
      plural,
      schema: served.schema,
      columns: served.columns ?? definition.columns,
      scale: served.scale ?? stored.scale,
      groupResource: { group: served.group, resource: plural },
      toStored: (object) => served.decode(object),
      toServed: (object) => served.encode(object),
    };
  });
  return [stored, ...others];
}

/** `definitions` in discovery order. */
export function createResourceTable(definitions: readonly ResourceDefinition[]): ResourceTable {
  const byPath = new Map<string, ServedResource>();
  const byKind = new Map<string, ServedResource>();
  const groupVersions = new Set<string>();
  for (const served of definitions.flatMap(servedVersionsOf)) {
    byPath.set(`${served.apiVersion}/${served.plural}`, served);
    byKind.set(`${served.apiVersion}/${served.kind}`, served);
    groupVersions.add(served.apiVersion);
  }
  return {
    find: (group, version, plural) => byPath.get(`${apiVersionOf(group, version)}/${plural}`),
    hasGroupVersion: (group, version) => groupVersions.has(apiVersionOf(group, version)),
    findKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    definitions: () => definitions,
  };
}
