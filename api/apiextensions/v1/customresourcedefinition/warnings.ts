/** Warnings about a CustomResourceDefinition: formats of strings that nobody checks. */
import type { CustomResourceDefinition, JsonSchemaProps } from './types';
import { schemaOf } from './validation/schema-parts';

/** Those of kube-openapi, with the dashes left out. */
const knownFormats = new Set([
  ...['bsonobjectid', 'uri', 'email', 'hostname', 'ipv4', 'ipv6', 'cidr', 'mac', 'uuid', 'uuid3', 'uuid4', 'uuid5'],
  ...['isbn', 'isbn10', 'isbn13', 'creditcard', 'ssn', 'hexcolor', 'rgbcolor', 'byte', 'password', 'date', 'duration'],
  ...['datetime', 'k8sshortname', 'k8slongname'],
]);

const isKnown = (format: string): boolean => knownFormats.has(format.replaceAll('-', ''));

/** Each once, in the order of the schemas. */
export function definitionWarnings({ spec }: CustomResourceDefinition): string[] {
  const unknown = new Set<string>();
  for (const { schema } of spec?.versions ?? []) collectFormats(schema?.openAPIV3Schema, unknown);
  return [...unknown].map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

/** Formats of numbers are for clients to read, and are not checked by anybody. */
function collectFormats(value: unknown, unknown: Set<string>): void {
  const schema = schemaOf(value);
  if (!schema) return;
  if (schema.type === 'string' && schema.format && !isKnown(schema.format)) unknown.add(schema.format);
  for (const part of partsOf(schema)) collectFormats(part, unknown);
}

const partsOf = (schema: JsonSchemaProps): unknown[] => [
  ...Object.values(schema.properties ?? {}),
  schema.items,
  schema.additionalProperties,
  schema.not,
  ...(schema.allOf ?? []),
  ...(schema.anyOf ?? []),
  ...(schema.oneOf ?? []),
];
