/**
 * The one form in which objects are held and handed around: decoded, and as bytes made once. etcd holds the JSON without
 * resourceVersion and with apiVersion, kind and metadata in front; the served bytes are that text with the revision put in.
 */
import { apiVersionOf, type ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored, StoredMeta } from '../../api/meta/types';
import { FramedBytes, type ObjectEventType } from './framed-bytes';
import { resourcePrefix } from './keys';
import { SharedFields } from './shared-fields';
import type { CachedObject } from './storage';
import { identity, type Transformer } from './transform';

/** Encodes and decodes the objects of one kind. */
export interface ObjectCodec<T extends KubeObject> {
  readonly definition: ResourceDefinition<T>;
  /** The text of an object; `seal` makes of it what etcd gets. */
  encode(object: T): Buffer;
  seal(key: string, text: Buffer): Buffer;
  /** From etcd. */
  decode(key: string, stored: Buffer, revision: number): StoredEntry<T>;
  /** From a write of ours: `object` gets the revision and belongs to the entry from now on. */
  written(key: string, object: T, text: Buffer, revision: number): StoredEntry<T>;
}

export function createCodec<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  options: { freeze?: boolean; transformer?: Transformer } = {},
): ObjectCodec<T> {
  const head = `{"apiVersion":${JSON.stringify(definition.apiVersion)},"kind":${JSON.stringify(definition.kind)},"metadata":{`;
  const prefix = resourcePrefix(definition);
  const { transformer = identity } = options;
  const finish = options.freeze ? deepFreeze : <V>(value: V): V => value;
  const fields = new SharedFields();
  const shareFields = ({ metadata }: T): void => {
    if (metadata?.managedFields) metadata.managedFields = fields.share(metadata.managedFields);
  };
  const parse = (text: Buffer): T => {
    const object = JSON.parse(text.toString()) as T;
    shareFields(object);
    return object;
  };
  const facts: KindFacts<T> = {
    definition,
    head: Buffer.from(head),
    restore: (served) => finish(parse(served) as Stored<T>),
  };
  const codec: ObjectCodec<T> = {
    definition,
    encode(object) {
      const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
      const { resourceVersion: _resourceVersion, selfLink: _selfLink, ...meta } = metadata ?? {};
      return Buffer.from(
        JSON.stringify({ apiVersion: versionIn(definition, object), kind: definition.kind, metadata: meta, ...rest }),
      );
    },
    seal: (key, text) => transformer.seal(prefix + key, text),
    decode(key, stored, revision) {
      const { plain, stale } = transformer.open(prefix + key, stored);
      const entry = codec.written(key, parse(plain), plain, revision);
      entry.stale = stale;
      return entry;
    },
    written(key, object, text, revision) {
      object.apiVersion = versionIn(definition, object);
      object.kind = definition.kind;
      object.metadata ??= {};
      object.metadata.resourceVersion = String(revision);
      shareFields(object);
      return new StoredEntry<T>(facts, key, revision, finish(object as Stored<T>), text);
    },
  };
  return codec;
}

interface KindFacts<T extends KubeObject> {
  definition: ResourceDefinition<T>;
  /** How stored texts of the kind begin, up to where metadata's first field stands. */
  head: Buffer;
  /** The object that served bytes say. */
  restore(served: Buffer): Stored<T>;
}

export class StoredEntry<T extends KubeObject> implements CachedObject<T> {
  private readonly apiVersion: string;
  private decoded: Stored<T> | undefined;
  private served?: FramedBytes;
  private otherVersions?: Map<string, FramedBytes>;
  /** Of a state that is kept as bytes: while somebody uses the object, nobody else need decode it. */
  private restored?: WeakRef<Stored<T>>;
  /** Known of what was just read from etcd: the bytes there should be written anew, though the object is the same. */
  stale = false;

  constructor(
    private readonly facts: KindFacts<T>,
    readonly key: string,
    readonly revision: number,
    object: Stored<T>,
    private stored: Buffer | undefined,
    /** Of the stored text, also when only another entry of the same state still has it. */
    readonly sizeBytes = stored?.length ?? 0,
  ) {
    this.decoded = object;
    this.apiVersion = object.apiVersion!;
  }

  get object(): Stored<T> {
    return this.decoded ?? this.restore();
  }

  /**
   * Keeps only the bytes of a state that another has replaced: decoded, history would take three times as much. It is decoded
   * again for whoever still asks.
   */
  release(): void {
    this.framed();
    this.decoded = undefined;
  }

  bytes(apiVersion?: string): Buffer {
    return this.framed(apiVersion).bytes;
  }

  line(type: ObjectEventType, apiVersion?: string): Buffer {
    return this.framed(apiVersion).line(type);
  }

  /** The same state under a later revision: how a deletion, or leaving a selector, is reported. */
  withRevision(revision: number): StoredEntry<T> {
    const metadata: StoredMeta = { ...this.object.metadata, resourceVersion: String(revision) };
    return new StoredEntry<T>(
      this.facts,
      this.key,
      revision,
      { ...this.object, metadata },
      this.stored,
      this.sizeBytes,
    );
  }

  private restore(): Stored<T> {
    let object = this.restored?.deref();
    if (!object) {
      object = this.facts.restore(this.served!.bytes);
      this.restored = new WeakRef(object);
    }
    return object;
  }

  private framed(apiVersion?: string): FramedBytes {
    if (apiVersion !== undefined && apiVersion !== this.apiVersion) return this.framedInVersion(apiVersion);
    if (!this.served) {
      this.served = this.makeServed();
      this.stored = undefined;
    }
    return this.served;
  }

  private makeServed(): FramedBytes {
    const { head } = this.facts;
    const { stored } = this;
    // A text someone else wrote may be laid out differently, or have no metadata.
    if (!stored || !stored.subarray(0, head.length).equals(head) || stored[head.length] !== quote) {
      return new FramedBytes([Buffer.from(JSON.stringify(this.object))]);
    }
    const revision = Buffer.from(`"resourceVersion":"${this.revision}",`);
    return new FramedBytes([head, revision, stored.subarray(head.length)]);
  }

  private framedInVersion(apiVersion: string): FramedBytes {
    const made = this.otherVersions?.get(apiVersion);
    if (made) return made;
    const served = this.facts.definition.servedVersions?.find(
      ({ group, version }) => apiVersionOf(group, version) === apiVersion,
    );
    if (!served) throw new Error(`${this.facts.definition.kind} is not served as ${apiVersion}`);
    const framed = new FramedBytes([Buffer.from(JSON.stringify(served.encode(this.object)))]);
    this.otherVersions ??= new Map();
    this.otherVersions.set(apiVersion, framed);
    return framed;
  }
}

/** Custom objects lie in storage in the version in which they were written. */
const versionIn = ({ apiVersion, custom }: ResourceDefinition, object: KubeObject): string =>
  (custom && object.apiVersion) || apiVersion;

const quote = '"'.charCodeAt(0);

/**
 * An entry for an object that is not, or not yet, in storage: what a dry run answers. Its resourceVersion stays what the
 * object says.
 */
export function unstoredEntry<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  key: string,
  object: T,
): CachedObject<T> {
  const apiVersion = versionIn(definition, object);
  const complete = { ...object, apiVersion, kind: definition.kind } as Stored<T>;
  const revision = Number(complete.metadata.resourceVersion ?? 0);
  const facts: KindFacts<T> = { definition, head: Buffer.alloc(0), restore: () => complete };
  return new StoredEntry<T>(facts, key, revision, complete, undefined);
}

function deepFreeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
