/**
 * A request as webhooks and policies see it: under each group and version that its resource is served in, with its objects
 * converted to the one asked for. Conversions are made when first needed, and once.
 */
import type { AdmissionAttributes } from '../admission';
import type { KubeObject } from '../../../api/meta/types';
import { type ServedResource, servedVersionsOf } from '../../endpoints/served-resource';
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

/** The objects in one version. Null where there is none. */
export interface VersionedObjects {
  object: KubeObject | null;
  oldObject: KubeObject | null;
}

export class ServedRequest {
  private served: ServedResource[] | undefined;
  private requested: ServedResource | undefined;
  private readonly converted = new Map<ServedResource, Promise<VersionedObjects>>();

  constructor(readonly attributes: AdmissionAttributes) {}

  /** The version in the request's path; for the server's own requests, that of storage. */
  get requestedAs(): ServedResource {
    return (this.requested ??= this.findRequested());
  }

  private findRequested(): ServedResource {
    const { info } = this.attributes.context;
    const all = this.versions();
    return all.find(({ group, version }) => group === info.apiGroup && version === info.apiVersion) ?? all[0]!;
  }

  /** All versions in which the resource is served. */
  versions(): ServedResource[] {
    return (this.served ??= servedVersionsOf(this.attributes.definition));
  }

  subjectAs({ group, version, plural }: ServedResource): RuleSubject {
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

  /** The kind of the body: of a subresource, its own (Eviction, Scale). */
  kindAs({ group, version, kind }: ServedResource): GroupVersionKind {
    const { subresource, definition } = this.attributes;
    const own = definition.subresources?.connect?.[subresource];
    return own
      ? { group: own.group ?? group, version: own.version ?? version, kind: own.kind }
      : { group, version, kind };
  }

  resourceAs = ({ group, version, plural }: ServedResource): GroupVersionResource => ({
    group,
    version,
    resource: plural,
  });

  /** Forgets converted objects: the object has been changed. */
  changed(): void {
    this.converted.clear();
  }

  /** What is given is read-only. */
  objectsAs(served: ServedResource): Promise<VersionedObjects> {
    let objects = this.converted.get(served);
    if (!objects) {
      objects = this.convert(served);
      this.converted.set(served, objects);
    }
    return objects;
  }

  private async convert(served: ServedResource): Promise<VersionedObjects> {
    const { object, oldObject, definition, subresource } = this.attributes;
    const own = definition.subresources?.connect?.[subresource];
    const one = async (given: KubeObject | undefined): Promise<KubeObject | null> => {
      if (!given) return null;
      if (own) return given;
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
