/** OpenAPI v3: one document per group and version, and the index with their hashes. */
import { intOrStringName, quantityName } from '../../../api/schema/scalar-types';
import { type Definitions, refName, type Schema } from '../../../api/schema/schema';
import type { Operation, Path } from './operations';
import { patchName, patchTypesOf } from './operations';
import type { Parameter } from './parameters';
import { reachableDefinitions } from './reachable';

const componentPrefix = '#/components/schemas/';
const bodyTypes = ['application/json', 'application/yaml'];

/** The document of one group and version. */
export function openApiV3Document(paths: readonly Path[], definitions: Definitions, version: string): object {
  const schemas = Object.entries(reachableDefinitions(paths, definitions));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(paths.map((path) => [path.path, pathItem(path)])),
    components: {
      schemas: Object.fromEntries(schemas.map(([name, schema]) => [name, componentSchema(name, schema)])),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function pathItem({ parameters, operations }: Path): object {
  return {
    ...Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, v3Operation(operation)])),
    parameters: parameters.map(v3Parameter),
  };
}

const v3Parameter = ({ name, in: place, type, description }: Parameter): object => ({
  name,
  in: place,
  description,
  ...(place === 'path' && { required: true }),
  schema: { type, uniqueItems: true },
});

function v3Operation(operation: Operation): object {
  const { id, tag, description, action, gvk, parameters, body, codes, response } = operation;
  const answer = response === undefined ? { '*/*': { schema: { type: 'string' } } } : content(bodyTypes, response);
  const bodyContent =
    body === undefined ? undefined : content(body === patchName ? patchTypesOf(operation) : bodyTypes, body);
  return {
    tags: [tag],
    description,
    operationId: id,
    ...(parameters.length && { parameters: parameters.map(v3Parameter) }),
    ...(bodyContent && { requestBody: { content: bodyContent, ...(action !== 'delete' && { required: true }) } }),
    responses: {
      ...Object.fromEntries(codes.map((code) => [code, { description: reasonOf(code), content: answer }])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

export const reasonOf = (code: number): string => (code === 201 ? 'Created' : code === 202 ? 'Accepted' : 'OK');

const content = (types: readonly string[], name: string): object =>
  Object.fromEntries(types.map((type) => [type, { schema: { $ref: componentPrefix + name } }]));

/** Scalars with two JSON forms can say so in v3. */
function componentSchema(name: string, schema: Schema): object {
  const { type: _type, ...rest } = schema;
  if (name === quantityName) return { ...rest, oneOf: [{ type: 'string' }, { type: 'number' }] };
  if (name === intOrStringName) return { ...rest, oneOf: [{ type: 'integer' }, { type: 'string' }] };
  return v3Schema(schema);
}

/** References cannot have siblings in v3: they move into `allOf`. */
function v3Schema(schema: Schema): object {
  const target = refName(schema);
  if (target !== undefined) {
    const { $ref: _ref, ...siblings } = schema;
    const reference = { $ref: componentPrefix + target };
    return Object.keys(siblings).length ? { ...siblings, allOf: [reference] } : reference;
  }
  const { properties, items, additionalProperties } = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, v3Schema(field)])),
    }),
    ...(items && { items: v3Schema(items) }),
    ...(additionalProperties && { additionalProperties: v3Schema(additionalProperties) }),
  };
}
