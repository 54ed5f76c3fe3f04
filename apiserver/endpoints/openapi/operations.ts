/**
 * The paths and operations of the API, in a form that both OpenAPI versions are rendered from. kubectl looks here for the
 * kind behind a resource (explain) and for the parameters that the server takes (`fieldValidation`, `dryRun`).
 */
import type { Verb } from '../../../api/meta/resource-definition';
import type { GroupVersionKind } from '../../../api/schema/schema';
import { type CatalogVersion, type Subresource, subresourcesOf } from '../discovery/catalog';
import type { ServedResource } from '../served-resource';
import {
  deleteParameters,
  listParameters,
  nameInPath,
  namespaceInPath,
  type Parameter,
  patchParameters,
  pathInPath,
  pretty,
  writeParameters,
} from './parameters';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'patch';

export interface Operation {
  id: string;
  tag: string;
  description: string;
  /** `x-kubernetes-action`. */
  action: string;
  gvk: GroupVersionKind;
  parameters: readonly Parameter[];
  /** Definition of the body; patches have several media types. */
  body?: string;
  /** Of a patch: the kind has no strategic merge patch. */
  withoutStrategicMerge?: true;
  /** Status codes of success. */
  codes: readonly number[];
  /** Definition of the answer; undefined for plain text and streams. */
  response?: string;
}

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The media types in which an operation takes patches. kubectl sends strategic merge patches where they are among them. */
export const patchTypesOf = ({ withoutStrategicMerge }: Operation): string[] =>
  patchTypes.filter((type) => !withoutStrategicMerge || !type.includes('strategic'));

export interface Path {
  path: string;
  /** Shared by its operations: what stands in the path, and `pretty`. */
  parameters: readonly Parameter[];
  operations: Partial<Record<Method, Operation>>;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const statusName = `${meta}.Status`;
const deleteOptionsName = `${meta}.DeleteOptions`;
export const patchName = `${meta}.Patch`;

/** All paths of one group and version, sorted. `hasDefinition` tells which subresource kinds have a schema. */
export function pathsOf(version: CatalogVersion, hasDefinition: (name: string) => boolean): Path[] {
  const paths = version.resources.flatMap((resource) => [
    ...mainPaths(resource),
    ...subresourcesOf(resource).flatMap((subresource) => subresourcePaths(resource, subresource, hasDefinition)),
  ]);
  return paths.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `CoreV1`, `RbacAuthorizationV1`, as in operation ids. */
const idPrefix = (group: string, version: string): string =>
  (group || 'core')
    .replace(/\.k8s\.io$/, '')
    .split(/[.-]/)
    .map(capitalize)
    .join('') + capitalize(version);

/** `core_v1`, `rbacAuthorization_v1`. */
const tagOf = ({ group, version }: ServedResource): string => {
  const prefix = idPrefix(group, version);
  const name = prefix.slice(0, prefix.length - version.length);
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}_${version}`;
};

const collectionPath = ({ group, apiVersion, plural, definition }: ServedResource, namespaced: boolean): string =>
  `${group ? '/apis' : '/api'}/${apiVersion}/${namespaced && definition.namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;

function mainPaths(resource: ServedResource): Path[] {
  const { group, version, kind, definition, schema } = resource;
  const { namespaced, verbs } = definition;
  const prefix = idPrefix(group, version);
  const scoped = `${prefix}${namespaced ? 'Namespaced' : ''}${kind}`;
  const base = { tag: tagOf(resource), gvk: { group, version, kind }, ...patchFacts(resource) };
  const list = `${schema}List`;
  const when = (verb: Verb, method: Method, operation: Omit<Operation, 'tag' | 'gvk'>): Path['operations'] =>
    verbs.includes(verb) ? { [method]: { ...base, ...operation } } : {};
  const listing = (id: string): Path['operations'] =>
    when('list', 'get', {
      id,
      description: `list or watch objects of kind ${kind}`,
      action: 'list',
      parameters: listParameters,
      codes: [200],
      response: list,
    });
  const inNamespace = namespaced ? [namespaceInPath] : [];
  const write = { body: schema, response: schema };
  const deletion = { body: deleteOptionsName, response: statusName };
  const paths: Path[] = [
    {
      path: collectionPath(resource, true),
      parameters: [...inNamespace, pretty],
      operations: {
        ...listing(`list${scoped}`),
        ...when('create', 'post', {
          ...write,
          id: `create${scoped}`,
          description: `create a ${kind}`,
          action: 'post',
          parameters: writeParameters,
          codes: [200, 201, 202],
        }),
        ...when('deletecollection', 'delete', {
          ...deletion,
          id: `delete${prefix}Collection${namespaced ? 'Namespaced' : ''}${kind}`,
          description: `delete collection of ${kind}`,
          action: 'deletecollection',
          parameters: [...deleteParameters, ...listParameters.filter(({ name }) => !isWatchParameter(name))],
          codes: [200],
        }),
      },
    },
    {
      path: `${collectionPath(resource, true)}/{name}`,
      parameters: [nameInPath(kind), ...inNamespace, pretty],
      operations: {
        ...when('get', 'get', {
          id: `read${scoped}`,
          description: `read the specified ${kind}`,
          action: 'get',
          parameters: [],
          codes: [200],
          response: schema,
        }),
        ...when('update', 'put', {
          ...write,
          id: `replace${scoped}`,
          description: `replace the specified ${kind}`,
          action: 'put',
          parameters: writeParameters,
          codes: [200, 201],
        }),
        ...when('patch', 'patch', {
          id: `patch${scoped}`,
          description: `partially update the specified ${kind}`,
          action: 'patch',
          parameters: patchParameters,
          body: patchName,
          codes: [200, 201],
          response: schema,
        }),
        ...when('delete', 'delete', {
          ...deletion,
          id: `delete${scoped}`,
          description: `delete a ${kind}`,
          action: 'delete',
          parameters: deleteParameters,
          codes: [200, 202],
        }),
      },
    },
  ];
  if (namespaced) {
    const operations = listing(`list${prefix}${kind}ForAllNamespaces`);
    paths.push({ path: collectionPath(resource, false), parameters: [pretty], operations });
  }
  return paths.filter(({ operations }) => Object.keys(operations).length > 0);
}

const patchFacts = ({ definition }: ServedResource): Pick<Operation, 'withoutStrategicMerge'> =>
  definition.custom ? { withoutStrategicMerge: true } : {};

const isWatchParameter = (name: string): boolean => name === 'watch' || name === 'allowWatchBookmarks';

const subresourceMethods: Partial<Record<Verb, { method: Method; idVerb: string; action: string }>> = {
  get: { method: 'get', idVerb: 'read', action: 'get' },
  create: { method: 'post', idVerb: 'create', action: 'post' },
  update: { method: 'put', idVerb: 'replace', action: 'put' },
  patch: { method: 'patch', idVerb: 'patch', action: 'patch' },
  delete: { method: 'delete', idVerb: 'delete', action: 'delete' },
};

function subresourcePaths(
  resource: ServedResource,
  subresource: Subresource,
  hasDefinition: (name: string) => boolean,
): Path[] {
  const { definition, kind } = resource;
  const { group, version } = subresource;
  const schema = subresourceSchema(resource, subresource, hasDefinition);
  const id = `${idPrefix(resource.group, resource.version)}${definition.namespaced ? 'Namespaced' : ''}${kind}${capitalize(subresource.name)}`;
  const isStream = schema === undefined;
  const operations: Path['operations'] = {};
  for (const verb of subresource.verbs) {
    const known = subresourceMethods[verb];
    if (!known) continue;
    const { method, idVerb, action } = known;
    const writes = method !== 'get' && !isStream;
    operations[method] = {
      id: `${isStream ? `connect${capitalize(method)}` : idVerb}${id}`,
      tag: tagOf(resource),
      description: `${isStream ? 'connect' : idVerb} ${method.toUpperCase()} requests to ${subresource.name} of ${kind}`,
      action: isStream ? 'connect' : action,
      gvk: { group, version, kind: subresource.kind },
      parameters: !writes ? [] : method === 'patch' ? patchParameters : writeParameters,
      ...patchFacts(resource),
      ...(writes && { body: method === 'patch' ? patchName : schema }),
      codes: method === 'post' ? [200, 201, 202] : method === 'get' || isStream ? [200] : [200, 201],
      ...(!isStream && { response: schema }),
    };
  }
  const path = `${collectionPath(resource, true)}/{name}/${subresource.name}`;
  const parameters = [nameInPath(kind), ...(definition.namespaced ? [namespaceInPath] : []), pretty];
  if (subresource.name !== 'proxy') return [{ path, parameters, operations }];
  const below = Object.entries(operations).map(([method, operation]) => [
    method,
    { ...operation, id: `${operation.id}WithPath` },
  ]);
  return [
    { path, parameters, operations },
    {
      path: `${path}/{path}`,
      parameters: [...parameters, pathInPath],
      operations: Object.fromEntries(below) as Path['operations'],
    },
  ];
}

/** Undefined for streams and texts: exec, attach, port-forward, proxy, log. */
function subresourceSchema(
  resource: ServedResource,
  subresource: Subresource,
  hasDefinition: (name: string) => boolean,
): string | undefined {
  if (subresource.name === 'log') return undefined;
  if (subresource.kind === resource.kind) return resource.schema;
  const group = subresource.group.split('.')[0] || 'core';
  const name = `io.k8s.api.${group}.${subresource.version}.${subresource.kind}`;
  return hasDefinition(name) ? name : undefined;
}
