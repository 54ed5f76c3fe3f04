/**
 * Reads objects that clients send as protobuf: kubectl since 1.32, and client-go's typed clients, send their writes so even
 * where they take JSON for an answer. Nothing is ever answered in protobuf. The numbers, names and types of the fields are
 * facts of the API (`fields.json`: number:name:type of each message, as its Go types are tagged); the envelope is
 * apimachinery `pkg/runtime/serializer/protobuf`.
 */
import { Reader } from 'protobufjs/minimal';
import { schemaNameOf } from '../../../api/meta/resource-definition';
import fields from './fields.json';

/** Types: s string, b bool, i integer, d double, y bytes; `*` keeps zero values; `[]` list, `{}` map, else a message. */
interface Field {
  /** '' for a message whose fields are those of the outer object in JSON. */
  name: string;
  type: string;
  isPointer: boolean;
  container: '' | '[]' | '{}';
}

type Json = unknown;
type JsonObject = Record<string, Json>;

const magic = Buffer.from('k8s\0', 'latin1');
const maxDepth = 100;

/** Undefined when nothing is known of such a message. */
export function protobufMessageOf(group: string, version: string, kind: string): string | undefined {
  const name =
    kind === 'DeleteOptions'
      ? 'meta.v1.DeleteOptions'
      : schemaNameOf(group, version, kind)
          .replace(/^io\.k8s\.api\./, '')
          .replace(/^io\.k8s\..*\.apis\./, '');
  return Object.hasOwn(fields, name) ? name : undefined;
}

/**
 * The object in the body, as its JSON would parse. Throws a plain Error that says what is wrong with the bytes.
 * `messageOf` names the message for the apiVersion and kind that the envelope carries.
 */
export function decodeProtobuf(
  body: Buffer,
  messageOf: (apiVersion: string, kind: string) => string | undefined,
): JsonObject {
  if (!body.subarray(0, 4).equals(magic)) {
    throw new Error('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(Reader.create(body.subarray(4)));
    const message = messageOf(apiVersion, kind);
    if (!message) throw new Error(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return { apiVersion, kind, ...readMessage(message, raw, 0) };
  } catch (error) {
    if (error instanceof RangeError) throw new Error('unexpected EOF', { cause: error });
    throw error;
  }
}

/** runtime.Unknown: 1 the type, 2 the object's bytes. */
function readEnvelope(reader: Reader): { apiVersion: string; kind: string; raw: Uint8Array } {
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array() as Uint8Array };
  eachField(reader, {
    1: () => {
      eachField(Reader.create(reader.bytes()), {
        1: (type) => (envelope.apiVersion = type.string()),
        2: (type) => (envelope.kind = type.string()),
      });
    },
    2: () => (envelope.raw = reader.bytes()),
  });
  return envelope;
}

function eachField(reader: Reader, handlers: Record<number, (reader: Reader) => void>): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const handler = handlers[tag >>> 3];
    if (handler) handler(reader);
    else reader.skipType(tag & 7);
  }
}

const parsed = new Map<string, Map<number, Field>>();

function fieldsOf(message: string): Map<number, Field> {
  let known = parsed.get(message);
  if (known) return known;
  known = new Map();
  const text = (fields as Record<string, string>)[message] ?? '';
  for (const entry of text.split(' ').filter(Boolean)) {
    const [number, name = '', declared = ''] = entry.split(':');
    const container = declared.startsWith('[]') ? '[]' : declared.startsWith('{}') ? '{}' : '';
    const type = declared.slice(container.length);
    known.set(Number(number), { name, container, type: type.replace('*', ''), isPointer: type.startsWith('*') });
  }
  parsed.set(message, known);
  return known;
}

function readMessage(message: string, bytes: Uint8Array, depth: number): JsonObject {
  if (depth > maxDepth) throw new Error('exceeded max depth');
  const known = fieldsOf(message);
  const reader = Reader.create(bytes);
  const object: JsonObject = {};
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = known.get(tag >>> 3);
    if (field) readField(object, field, reader, tag & 7, depth);
    else reader.skipType(tag & 7);
  }
  return object;
}

const lengthDelimited = 2;

function readField(object: JsonObject, field: Field, reader: Reader, wireType: number, depth: number): void {
  const { name, container } = field;
  if (container === '[]') {
    const list = (object[name] ??= []) as Json[];
    if (wireType === lengthDelimited && (field.type === 'i' || field.type === 'b')) {
      const packed = Reader.create(reader.bytes());
      while (packed.pos < packed.len) list.push(readValue(field.type, packed, depth));
    } else {
      list.push(readValue(field.type, reader, depth));
    }
  } else if (container === '{}') {
    const { key, value } = readEntry(field.type, Reader.create(reader.bytes()), depth);
    const map = (object[name] ??= {}) as JsonObject;
    Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
  } else if (name === '') {
    Object.assign(object, readValue(field.type, reader, depth));
  } else {
    const value = readValue(field.type, reader, depth);
    // Go writes zero values of plain fields, and leaves them out of JSON.
    if (value !== undefined && (field.isPointer || !isZero(value))) object[name] = value;
  }
}

const isZero = (value: Json): boolean => value === '' || value === 0 || value === false;

function readEntry(type: string, reader: Reader, depth: number): { key: string; value: Json } {
  let key = '';
  let value: Json = type === 's' || type === 'y' ? '' : undefined;
  eachField(reader, {
    1: () => (key = reader.string()),
    2: () => (value = readValue(type, reader, depth)),
  });
  return { key, value };
}

function readValue(type: string, reader: Reader, depth: number): Json {
  const read = scalars[type];
  if (read) return read(reader);
  const bytes = reader.bytes();
  const special = wellKnown[type];
  return special ? special(bytes, depth + 1) : readMessage(type, bytes, depth + 1);
}

const integer = (reader: Reader): number => Number(reader.int64());

const scalars: Record<string, (reader: Reader) => Json> = {
  s: (reader) => reader.string(),
  b: (reader) => reader.bool(),
  i: integer,
  d: (reader) => reader.double(),
  y: (reader) => Buffer.from(reader.bytes()).toString('base64'),
};

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Seconds and nanoseconds; nothing at all is Go's zero time, which JSON has as null. */
function readTime(bytes: Uint8Array, digits: number): string | undefined {
  if (!bytes.length) return undefined;
  let seconds = 0;
  let nanos = 0;
  eachField(Reader.create(bytes), {
    1: (reader) => (seconds = integer(reader)),
    2: (reader) => (nanos = reader.int32()),
  });
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return digits ? `${text}.${String(nanos).padStart(9, '0').slice(0, digits)}Z` : `${text}Z`;
}

function readJson(bytes: Uint8Array): Json {
  let raw: Uint8Array = new Uint8Array();
  eachField(Reader.create(bytes), { 1: (reader) => (raw = reader.bytes()) });
  return raw.length ? (JSON.parse(utf8(raw)) as Json) : undefined;
}

const schemaProps = 'apiextensions.v1.JSONSchemaProps';

/** In JSON a schema or what may stand in its place; both have a field of their own. */
function readSchemaOr(bytes: Uint8Array, depth: number, at: { schema: number; other: number }, otherType: string) {
  const found: { schema?: Json; others: Json[] } = { others: [] };
  eachField(Reader.create(bytes), {
    [at.schema]: (reader) => (found.schema = readValue(schemaProps, reader, depth)),
    [at.other]: (reader) => found.others.push(readValue(otherType, reader, depth)),
  });
  return found;
}

/** Types whose JSON is not an object of their fields. */
const wellKnown: Record<string, (bytes: Uint8Array, depth: number) => Json> = {
  Time: (bytes) => readTime(bytes, 0),
  MicroTime: (bytes) => readTime(bytes, 6),
  Duration: (bytes) => {
    let nanos = 0;
    eachField(Reader.create(bytes), { 1: (reader) => (nanos = integer(reader)) });
    return `${nanos / 1e9}s`;
  },
  Quantity: (bytes) => {
    let text = '0';
    eachField(Reader.create(bytes), { 1: (reader) => (text = reader.string()) });
    return text;
  },
  IntOrString: (bytes) => {
    let [isText, number, text] = [false, 0, ''];
    eachField(Reader.create(bytes), {
      1: (reader) => (isText = reader.int64().toString() === '1'),
      2: (reader) => (number = reader.int32()),
      3: (reader) => (text = reader.string()),
    });
    return isText ? text : number;
  },
  ExtraValue: (bytes) => {
    const items: string[] = [];
    eachField(Reader.create(bytes), { 1: (reader) => items.push(reader.string()) });
    return items;
  },
  RawExtension: readJson,
  FieldsV1: readJson,
  'apiextensions.v1.JSON': readJson,
  [`${schemaProps}OrArray`]: (bytes, depth) => {
    const { schema, others } = readSchemaOr(bytes, depth, { schema: 1, other: 2 }, schemaProps);
    return others.length > 0 ? others : schema;
  },
  [`${schemaProps}OrBool`]: (bytes, depth) => {
    const { schema, others } = readSchemaOr(bytes, depth, { schema: 2, other: 1 }, 'b');
    return schema ?? others.includes(true);
  },
  [`${schemaProps}OrStringArray`]: (bytes, depth) => {
    const { schema, others } = readSchemaOr(bytes, depth, { schema: 1, other: 2 }, 's');
    return others.length > 0 ? others : schema;
  },
};
