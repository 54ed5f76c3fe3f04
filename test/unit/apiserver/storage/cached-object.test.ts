import { configMaps } from '../../../../api/core/v1/configmap';
import { createCodec, type StoredEntry } from '../../../../apiserver/storage/cached-object';

const codec = createCodec(configMaps);

function entryOf(data: Record<string, string>): StoredEntry<any> {
  const object = { metadata: { name: 'a', namespace: 'default' }, data };
  return codec.written('default/a', object, codec.encode(object), 7);
}

describe('an entry', () => {
  it('serves the stored text with the revision put in', () => {
    expect(entryOf({ a: '1' }).bytes().toString()).toBe(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"7","name":"a","namespace":"default"},"data":{"a":"1"}}',
    );
  });

  it('is the line of a watch', () => {
    const entry = entryOf({ a: '1' });
    expect(entry.line('ADDED', 'v1').toString()).toBe(`{"type":"ADDED","object":${entry.bytes().toString()}}\n`);
  });

  it('says the same once it was released', () => {
    const entry = entryOf({ a: '1' });
    const [object, bytes] = [entry.object, entry.bytes()];
    entry.release();
    expect(entry.object).toEqual(object);
    expect(entry.object).not.toBe(object);
    expect(entry.bytes('v1')).toBe(bytes);
    const later = { ...object, metadata: { ...object.metadata, resourceVersion: '8' } };
    expect(JSON.parse(entry.withRevision(8).bytes().toString())).toEqual(later);
  });
});
