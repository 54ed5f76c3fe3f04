/**
 * The v2 document as protobuf, `openapi.v2.Document` of google/gnostic: the only form in which kubectl 1.27 and 1.28 take
 * it. Field numbers are those of gnostic's OpenAPIv2.proto; extensions travel as YAML texts, of which JSON is a subset.
 */
import { Writer } from 'protobufjs';
import type { Schema } from '../../../api/schema/schema';
import type { V2Document, V2Operation, V2Parameter, V2PathItem } from './v2';

export const v2ProtobufType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** What the answer is called: "@" is not allowed in a media type, and Go's clients refuse it there. */
export const v2ProtobufContentType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** The serialized document. */
export function encodeOpenApiV2({ swagger, info, paths, definitions }: V2Document): Uint8Array {
  const writer = Writer.create();
  text(writer, 1, swagger);
  message(writer, 2, () => {
    text(writer, 1, info.title);
    text(writer, 2, info.version);
  });
  message(writer, 8, () => {
    for (const [path, item] of Object.entries(paths)) named(writer, 2, path, () => pathItem(writer, item));
  });
  message(writer, 9, () => namedSchemas(writer, definitions));
  return writer.finish();
}

const wireType = { varint: 0, bytes: 2 };

function text(writer: Writer, field: number, value: string | undefined): void {
  if (value) writer.uint32((field << 3) | wireType.bytes).string(value);
}

function texts(writer: Writer, field: number, values: readonly string[] = []): void {
  for (const value of values) writer.uint32((field << 3) | wireType.bytes).string(value);
}

function flag(writer: Writer, field: number, value: boolean | undefined): void {
  if (value) writer.uint32((field << 3) | wireType.varint).bool(true);
}

function message(writer: Writer, field: number, write: () => void): void {
  writer.uint32((field << 3) | wireType.bytes).fork();
  write();
  writer.ldelim();
}

/** A NamedX{name = 1, value = 2}: gnostic's form of map entries. */
function named(writer: Writer, field: number, name: string, write: () => void): void {
  message(writer, field, () => {
    text(writer, 1, name);
    message(writer, 2, write);
  });
}

/** NamedAny{name, Any{yaml = 2}} for every `x-` member. */
function extensions(writer: Writer, field: number, value: object): void {
  for (const [name, extension] of Object.entries(value)) {
    if (!name.startsWith('x-') || extension === undefined) continue;
    named(writer, field, name, () => text(writer, 2, `${JSON.stringify(extension)}\n`));
  }
}

const methodFields = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function pathItem(writer: Writer, item: V2PathItem): void {
  for (const [method, field] of Object.entries(methodFields)) {
    const operation = item[method as keyof typeof methodFields];
    if (operation) message(writer, field, () => writeOperation(writer, operation));
  }
  for (const parameter of item.parameters) writeParameter(writer, 9, parameter);
}

function writeOperation(writer: Writer, operation: V2Operation): void {
  texts(writer, 1, operation.tags);
  text(writer, 3, operation.description);
  text(writer, 5, operation.operationId);
  texts(writer, 6, operation.produces);
  texts(writer, 7, operation.consumes);
  for (const parameter of operation.parameters ?? []) writeParameter(writer, 8, parameter);
  message(writer, 9, () => {
    for (const [code, { description, schema }] of Object.entries(operation.responses)) {
      // NamedResponseValue{name, ResponseValue{Response response = 1}}
      named(writer, 1, code, () =>
        message(writer, 1, () => {
          text(writer, 1, description);
          // Response{SchemaItem schema = 2 {Schema schema = 1}}
          if (schema) message(writer, 2, () => message(writer, 1, () => writeSchema(writer, schema)));
        }),
      );
    }
  });
  extensions(writer, 13, operation);
}

/** ParametersItem{Parameter parameter = 1 {body = 1 | nonBody = 2 {query = 3 | path = 4}}} */
function writeParameter(writer: Writer, field: number, parameter: V2Parameter): void {
  message(writer, field, () =>
    message(writer, 1, () => {
      if (parameter.in === 'body') {
        message(writer, 1, () => {
          text(writer, 2, parameter.name);
          text(writer, 3, parameter.in);
          flag(writer, 4, parameter.required);
          message(writer, 5, () => writeSchema(writer, parameter.schema));
        });
        return;
      }
      const isQuery = parameter.in === 'query';
      message(writer, 2, () =>
        message(writer, isQuery ? 3 : 4, () => {
          flag(writer, 1, parameter.required);
          text(writer, 2, parameter.in);
          text(writer, 3, parameter.description);
          text(writer, 4, parameter.name);
          text(writer, isQuery ? 6 : 5, parameter.type);
          flag(writer, isQuery ? 20 : 19, parameter.uniqueItems);
        }),
      );
    }),
  );
}

/** Properties and Definitions: repeated NamedSchema = 1. */
function namedSchemas(writer: Writer, schemas: Readonly<Record<string, Schema>>): void {
  for (const [name, schema] of Object.entries(schemas)) named(writer, 1, name, () => writeSchema(writer, schema));
}

function writeSchema(writer: Writer, schema: Schema): void {
  const { items, properties, additionalProperties, type } = schema;
  text(writer, 1, schema.$ref);
  text(writer, 2, schema.format);
  text(writer, 4, schema.description);
  texts(writer, 19, schema.required);
  // AdditionalPropertiesItem{Schema schema = 1}
  if (additionalProperties) {
    message(writer, 21, () => message(writer, 1, () => writeSchema(writer, additionalProperties)));
  }
  if (type) message(writer, 22, () => text(writer, 1, type));
  // ItemsItem{repeated Schema schema = 1}
  if (items) message(writer, 23, () => message(writer, 1, () => writeSchema(writer, items)));
  if (properties) message(writer, 25, () => namedSchemas(writer, properties));
  extensions(writer, 31, schema);
}
