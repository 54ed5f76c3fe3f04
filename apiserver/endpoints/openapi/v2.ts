/** OpenAPI v2 (Swagger): everything in one document, for clients before kubectl 1.29. */
import { type Definitions, refTo, type Schema } from '../../../api/schema/schema';
import { type Method, type Operation, type Path, patchName, patchTypesOf } from './operations';
import type { Parameter } from './parameters';
import { reachableDefinitions } from './reachable';
import { reasonOf } from './v3';

export type V2Parameter =
  | (Pick<Parameter, 'name' | 'in' | 'type' | 'description'> & { required?: true; uniqueItems: true })
  | { name: 'body'; in: 'body'; required?: true; schema: Schema };

export interface V2Operation {
  tags: string[];
  description: string;
  operationId: string;
  produces: string[];
  consumes: string[];
  parameters?: V2Parameter[];
  responses: Record<string, { description: string; schema?: Schema }>;
  'x-kubernetes-action': string;
  'x-kubernetes-group-version-kind': object;
}

export type V2PathItem = Partial<Record<Method, V2Operation>> & { parameters: V2Parameter[] };

export interface V2Document {
  swagger: '2.0';
  info: { title: string; version: string };
  paths: Record<string, V2PathItem>;
  definitions: Record<string, Schema>;
}

/** The document of all paths. */
export const openApiV2Document = (paths: readonly Path[], definitions: Definitions, version: string): V2Document => ({
  swagger: '2.0',
  info: { title: 'Kubernetes', version },
  paths: Object.fromEntries(paths.map((path) => [path.path, pathItem(path)])),
  definitions: reachableDefinitions(paths, definitions),
});

const pathItem = ({ parameters, operations }: Path): V2PathItem => ({
  ...Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, v2Operation(operation)])),
  parameters: parameters.map(v2Parameter),
});

const v2Parameter = ({ name, in: place, type, description }: Parameter): V2Parameter => ({
  name,
  in: place,
  type,
  description,
  ...(place === 'path' && { required: true }),
  uniqueItems: true,
});

function v2Operation(operation: Operation): V2Operation {
  const { id, tag, description, action, gvk, parameters, body, codes, response } = operation;
  const all: V2Parameter[] = parameters.map(v2Parameter);
  if (body !== undefined) {
    all.unshift({ name: 'body', in: 'body', ...(action !== 'delete' && { required: true }), schema: refTo(body) });
  }
  const schema: Schema = response === undefined ? { type: 'string' } : refTo(response);
  return {
    tags: [tag],
    description,
    operationId: id,
    produces: response === undefined ? ['*/*'] : ['application/json', 'application/yaml'],
    consumes: body === patchName ? patchTypesOf(operation) : ['*/*'],
    ...(all.length && { parameters: all }),
    responses: {
      ...Object.fromEntries(codes.map((code) => [code, { description: reasonOf(code), schema }])),
      401: { description: 'Unauthorized' },
    },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}
