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
  /** All kinds: another array after every change. */
  definitions(): readonly ResourceDefinition[];
}

/** A table in which kinds come and go. */
export interface DynamicResourceTable extends ResourceTable {
  /** True if the name belongs to a built-in kind, in whichever version: its objects lie where those of another would. */
  isBuiltIn(group: string, plural: string): boolean;
  /** Replaces what `owner` (the name of a CustomResourceDefinition) has served so far. Nothing replaces a built-in kind. */
  serve(owner: string, definitions: readonly ResourceDefinition[]): void;
  /** Calls back after every change, for as long as the table lives. */
  onChange(callback: () => void): void;
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

/** `builtIn` in discovery order; what is served at run time comes after it, by group. */
export function createResourceTable(builtIn: readonly ResourceDefinition[]): DynamicResourceTable {
  const byPath = new Map<string, ServedResource>();
  const byKind = new Map<string, ServedResource>();
  const resourcesIn = new Map<string, number>();
  const served = new Map<string, ServedResource[]>();
  const callbacks: (() => void)[] = [];
  let all: readonly ResourceDefinition[] | undefined = builtIn;

  const pathOf = ({ apiVersion, plural }: ServedResource): string => `${apiVersion}/${plural}`;
  const kindOf = ({ apiVersion, kind }: ServedResource): string => `${apiVersion}/${kind}`;
  const count = ({ apiVersion }: ServedResource, change: number): void => {
    const left = (resourcesIn.get(apiVersion) ?? 0) + change;
    if (left) resourcesIn.set(apiVersion, left);
    else resourcesIn.delete(apiVersion);
  };
  const add = (resources: readonly ServedResource[]): ServedResource[] =>
    resources.filter((resource) => {
      if (byPath.has(pathOf(resource))) return false;
      byPath.set(pathOf(resource), resource);
      if (!byKind.has(kindOf(resource))) byKind.set(kindOf(resource), resource);
      count(resource, 1);
      return true;
    });
  const remove = (resources: readonly ServedResource[]): void => {
    for (const resource of resources) {
      byPath.delete(pathOf(resource));
      if (byKind.get(kindOf(resource)) === resource) byKind.delete(kindOf(resource));
      count(resource, -1);
    }
  };
  add(builtIn.flatMap(servedVersionsOf));

  return {
    find: (group, version, plural) => byPath.get(`${apiVersionOf(group, version)}/${plural}`),
    hasGroupVersion: (group, version) => resourcesIn.has(apiVersionOf(group, version)),
    findKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    definitions: () => (all ??= [...builtIn, ...definitionsByGroup([...served.values()].flat())]),
    isBuiltIn: (group, plural) =>
      builtIn.some((definition) => definition.group === group && definition.names.plural === plural),
    serve(owner, definitions) {
      remove(served.get(owner) ?? []);
      const added = add(definitions.flatMap(servedVersionsOf));
      if (added.length) served.set(owner, added);
      else served.delete(owner);
      all = undefined;
      for (const callback of callbacks) callback();
    },
    onChange: (callback) => void callbacks.push(callback),
  };
}

const definitionsByGroup = (resources: readonly ServedResource[]): ResourceDefinition[] =>
  resources.map(({ definition }) => definition).sort((a, b) => (a.group < b.group ? -1 : Number(a.group > b.group)));
