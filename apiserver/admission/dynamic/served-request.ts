/**
 * A request as webhooks and policies see it: under each group and version that its resource is served in, with its objects
 * converted to the one asked for. Conversions are made when first needed, and once.
 */
import type { AdmissionAttributes } from '../admission';
import type { KubeObject, Stored } from '../../../api/meta/types';
import { scaleOf } from '../../endpoints/scale-object';
import type { ResourceDefinition, ScaleSubresource } from '../../../api/meta/resource-definition';
import { type ResourceTable, type ServedResource, servedVersionsOf } from '../../endpoints/served-resource';
import { isFor } from '../refusal';
import type { RuleSubject } from './rules';

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface GroupVersionResource {
  group: string;
  version: string;
  resource: string;
}

/** A version that the resource is served in. Conversions between those of a custom resource may ask a webhook. */
export interface RequestVersion extends Omit<ServedResource, 'toStored' | 'toServed'> {
  /** To the form in which the request holds its objects. */
  toStored(object: KubeObject): Promise<KubeObject> | KubeObject;
  toServed(object: KubeObject): Promise<KubeObject> | KubeObject;
}

/** The objects in one version. Null where there is none. */
export interface VersionedObjects {
  object: KubeObject | null;
  oldObject: KubeObject | null;
}

export class ServedRequest {
  private served: RequestVersion[] | undefined;
  private requested: RequestVersion | undefined;
  private readonly converted = new Map<RequestVersion, Promise<VersionedObjects>>();

  constructor(
    readonly attributes: AdmissionAttributes,
    private readonly table: ResourceTable,
  ) {}

  /** The version in the request's path; for the server's own requests, that of storage. */
  get requestedAs(): RequestVersion {
    return (this.requested ??= this.findRequested());
  }

  private findRequested(): RequestVersion {
    const { info } = this.attributes.context;
    const all = this.versions();
    return all.find(({ group, version }) => group === info.apiGroup && version === info.apiVersion) ?? all[0]!;
  }

  /** All versions in which the resource is served. */
  versions(): RequestVersion[] {
    const { definition } = this.attributes;
    return (this.served ??= definition.custom ? this.customVersions(definition) : servedVersionsOf(definition));
  }

  /** Each version of a custom resource has a definition of its own. That of the request comes first. */
  private customVersions(own: ResourceDefinition): RequestVersion[] {
    const isOther = ({ custom, group, names }: ResourceDefinition): boolean =>
      custom !== undefined && group === own.group && names.plural === own.names.plural;
    const others = this.table.definitions().filter((other) => isOther(other) && other.version !== own.version);
    const convert = async (object: KubeObject, apiVersion: string): Promise<KubeObject> =>
      own.custom?.versions?.convert(object, apiVersion) ?? object;
    return [
      ...servedVersionsOf(own),
      ...others.flatMap(servedVersionsOf).map((served) => ({
        ...served,
        toServed: (object: KubeObject) => convert(object, served.apiVersion),
        toStored: (object: KubeObject) => convert(object, own.apiVersion),
      })),
    ];
  }

  subjectAs({ group, version, plural }: RequestVersion): RuleSubject {
    const { operation, subresource, name, object, definition } = this.attributes;
    return {
      operation,
      group,
      version,
      resource: plural,
      subresource,
      name: name || object?.metadata?.name || '',
      namespaced: definition.namespaced,
    };
  }

  /** Where the object keeps its replicas, when the request is for its Scale. */
  get scalePaths(): ScaleSubresource | undefined {
    const { subresource, definition } = this.attributes;
    return subresource === 'scale' ? definition.subresources?.scale : undefined;
  }

  /** The kind of the body: of a subresource, its own (Eviction, Scale). */
  kindAs({ group, version, kind }: RequestVersion): GroupVersionKind {
    const { subresource, definition } = this.attributes;
    if (this.scalePaths) return { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    const own = definition.subresources?.connect?.[subresource];
    return own
      ? { group: own.group ?? group, version: own.version ?? version, kind: own.kind }
      : { group, version, kind };
  }

  resourceAs = ({ group, version, plural }: RequestVersion): GroupVersionResource => ({
    group,
    version,
    resource: plural,
  });

  /** Forgets converted objects: the object has been changed. */
  changed(): void {
    this.converted.clear();
  }

  /** What is given is read-only. */
  objectsAs(served: RequestVersion): Promise<VersionedObjects> {
    let objects = this.converted.get(served);
    if (!objects) {
      objects = this.convert(served);
      this.converted.set(served, objects);
    }
    return objects;
  }

  private async convert(served: RequestVersion): Promise<VersionedObjects> {
    const { object, oldObject, definition, subresource } = this.attributes;
    const own = definition.subresources?.connect?.[subresource];
    const one = async (given: KubeObject | undefined): Promise<KubeObject | null> => {
      if (!given) return null;
      if (own) return given;
      if (this.scalePaths) return scaleOf(given as Stored<KubeObject>, this.scalePaths);
      const { kind, apiVersion } = served;
      return { ...(await served.toServed(given)), apiVersion, kind };
    };
    return { object: await one(object), oldObject: await one(oldObject) };
  }
}

/** Namespaces name themselves as their namespace, as upstream's request info does. */
export function namespaceOf(attributes: AdmissionAttributes): string {
  if (isFor(attributes, '', 'namespaces', ['', 'status', 'finalize'])) {
    return attributes.name || attributes.object?.metadata?.name || '';
  }
  return attributes.namespace;
}
