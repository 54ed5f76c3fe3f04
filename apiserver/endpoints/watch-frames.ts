/**
 * The lines of a watch, from cached bytes. The frame of an event is made once per object, type and version, and shared by all
 * watchers that get it.
 */
import { columnsOf } from '../../api/meta/columns';
import { newInternalError, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { ObjectEventType } from '../storage/framed-bytes';
import type { CachedObject, StorageWatchEvent } from '../storage/storage';
import type { Negotiated } from './negotiate';
import type { ServedResource } from './served-resource';
import { type IncludeObject, partialMetadata, rowOf, tableOf } from './table';

const frames = new WeakMap<CachedObject, Map<string, Buffer>>();
const end = Buffer.from('}\n');

/** `{"type":"ADDED","object":{…}}` and a newline, made from the object's cached bytes. */
export const frameOf = (type: ObjectEventType, entry: CachedObject, apiVersion: string): Buffer =>
  entry.line?.(type, apiVersion) ?? sharedFrame(type, entry, apiVersion, () => entry.bytes(apiVersion));

const metadataFrameOf = (type: string, entry: CachedObject, version: Negotiated['version']): Buffer =>
  sharedFrame(type, entry, `PartialObjectMetadata ${version}`, () =>
    Buffer.from(JSON.stringify(partialMetadata(entry.object, version))),
  );

function sharedFrame(type: string, entry: CachedObject, form: string, makeObject: () => Buffer): Buffer {
  const key = `${type} ${form}`;
  let made = frames.get(entry);
  if (!made) frames.set(entry, (made = new Map<string, Buffer>()));
  let frame = made.get(key);
  if (!frame) {
    frame = Buffer.concat([Buffer.from(`{"type":"${type}","object":`), makeObject(), end]);
    made.set(key, frame);
  }
  return frame;
}

const line = (type: string, object: unknown): Buffer => Buffer.from(`${JSON.stringify({ type, object })}\n`);

/** Makes the lines of one watcher in the form its client asked for. */
export type Framer = (event: StorageWatchEvent) => Buffer;

export function createFramer(resource: ServedResource, output: Negotiated, includeObject: IncludeObject): Framer {
  if (output.as) return makeFramer(resource, output, includeObject);
  let framer = plainFramers.get(resource);
  if (!framer) plainFramers.set(resource, (framer = makeFramer(resource, output, includeObject)));
  return framer;
}

/** Of objects as they are there is nothing to remember: one serves all watchers. */
const plainFramers = new WeakMap<ServedResource, Framer>();

function makeFramer(resource: ServedResource, output: Negotiated, includeObject: IncludeObject): Framer {
  const { apiVersion, kind } = resource;
  const { version } = output;
  const columns = columnsOf(resource);
  let first = true;
  const asTable = (object: KubeObject): object => {
    const row = rowOf(columns, object, { version, includeObject, now: Date.now() });
    const metadata = { resourceVersion: object.metadata?.resourceVersion ?? '' };
    const table = tableOf(first ? columns : undefined, [row], metadata, version);
    first = false;
    return table;
  };
  return (event) => {
    if (event.type === 'ERROR') {
      const failure = event.error instanceof StatusError ? event.error : newInternalError(event.error);
      return line('ERROR', failure.status);
    }
    if (event.type === 'BOOKMARK') return line('BOOKMARK', bookmarkOf(event));
    if (!output.as) return frameOf(event.type, event.entry, apiVersion);
    if (output.as === 'PartialObjectMetadata') return metadataFrameOf(event.type, event.entry, version);
    return line(event.type, asTable(resource.toServed(event.entry.object)));
  };

  function bookmarkOf({ revision, initialEventsEnd }: { revision: number; initialEventsEnd?: boolean }): object {
    const metadata = {
      resourceVersion: String(revision),
      ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
    };
    if (output.as === 'Table') return tableOf(undefined, [], metadata, version);
    if (output.as) return partialMetadata({ metadata }, version);
    return { kind, apiVersion, metadata: { ...metadata, creationTimestamp: null } };
  }
}
