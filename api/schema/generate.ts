/**
 * Makes the OpenAPI definitions of the Kubernetes API, under upstream's names, from the installed client models and the
 * facts kept here. Run by the build as a script; under a test runner, without a build, `definitions.ts` calls it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { schemaNameOf } from '../meta/resource-definition';
import {
  type ApiModels,
  findGeneratedFolder,
  type Model,
  type ModelField,
  readApis,
  readModels,
} from './client-node-models';
import { type MergeFacts, mergeFacts } from './merge-keys';
import {
  byteMapFields,
  freeFormFields,
  intOrStringName,
  microTimeName,
  quantityFields,
  quantityName,
  rawExtensionName,
  scalarDefinitions,
  timeName,
} from './scalar-types';
import { type GroupVersionKind, refName, refTo, type Schema } from './schema';
import { isStructValue } from './struct-values';

const metaKinds =
  'APIGroup APIGroupList APIResource APIResourceList APIVersions Condition DeleteOptions FieldSelectorRequirement GroupResource GroupVersionForDiscovery LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry ObjectMeta OwnerReference Preconditions ServerAddressByClientCIDR ShardInfo Status StatusCause StatusDetails WatchEvent';

/**
 * Types that only another group's kinds use: subresources of core and apps that belong elsewhere, core types that only
 * storage needs. They must be claimed before those kinds.
 */
const claimedFirst: ApiModels[] = [
  { group: 'autoscaling', version: 'v1', models: ['V1Scale'] },
  { group: 'policy', version: 'v1', models: ['V1Eviction'] },
  { group: 'authentication.k8s.io', version: 'v1', models: ['AuthenticationV1TokenRequest'] },
  { group: '', version: 'v1', models: ['V1TopologySelectorTerm'] },
];

/** Where a model belongs. */
interface Place {
  definition: string;
  /** Group as the merge facts name it: `core`, `apps`, `meta`. */
  shortGroup: string;
  kind: string;
  gvk?: GroupVersionKind;
}

/** All definitions, sorted by name. */
export function generateDefinitions(from = __dirname): Record<string, Schema> {
  const generated = findGeneratedFolder(from);
  const models = readModels(generated);
  const places = placeModels(models, readApis(generated));
  const definitions: Record<string, Schema> = { ...scalarDefinitions };
  for (const [name, place] of places) definitions[place.definition] = definitionOf(models.get(name)!, place, places);
  describeReferences(definitions);
  return Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const conventions = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** The descriptions of the fields that kinds have in common. */
function describeField(field: string, kind: string | undefined): string | undefined {
  if (field === 'metadata' && kind?.endsWith('List')) return `Standard list metadata. ${conventions}#types-kinds`;
  if (field === 'metadata') return `Standard object's metadata. ${conventions}#metadata`;
  if (kind === undefined) return undefined;
  if (field === 'spec') return `Specification of the desired behavior of the ${kind}. ${conventions}#spec-and-status`;
  if (field === 'status')
    return `Most recently observed status of the ${kind}. Read-only. ${conventions}#spec-and-status`;
  return undefined;
}

/** The models lost the descriptions of fields that hold objects; what `kubectl explain` then shows is that of the type. */
function describeReferences(definitions: Record<string, Schema>): void {
  for (const { properties = {}, ...definition } of Object.values(definitions)) {
    const kind = definition['x-kubernetes-group-version-kind']?.[0]?.kind;
    for (const [name, field] of Object.entries(properties)) {
      const target = refName(field);
      if (target === undefined) continue;
      const description = describeField(name, kind) ?? definitions[target]?.description;
      if (description !== undefined) field.description ??= description;
    }
  }
}

/** Model names begin with their group, where two groups share a kind, and their version. */
const splitName = (name: string): { version: string; kind: string } => {
  const [, version = '', kind = ''] = /^(?:[A-Z][a-z]+)??(V\d+(?:alpha\d+|beta\d+)?)([A-Z]\w*)$/.exec(name) ?? [];
  return { version: version.toLowerCase(), kind };
};

/**
 * Finds the group of each model: that of the API class which reaches it first. Core goes first, because the other groups
 * refer to its types and never the other way round, apart from the subresources claimed before.
 */
function placeModels(models: Map<string, Model>, apis: ApiModels[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const kind of metaKinds.split(' ')) {
    const definition = `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`;
    const gvk = models.get(`V1${kind}`)?.fields.some(({ name }) => name === 'kind')
      ? { group: '', version: 'v1', kind }
      : undefined;
    const isRoot = gvk && !['APIResource', 'OwnerReference', 'StatusDetails'].includes(kind);
    if (models.has(`V1${kind}`)) {
      places.set(`V1${kind}`, { definition, shortGroup: 'meta', kind, ...(isRoot && { gvk }) });
    }
  }
  if (models.has('VersionInfo')) {
    places.set('VersionInfo', {
      definition: 'io.k8s.apimachinery.pkg.version.Info',
      shortGroup: 'version',
      kind: 'Info',
    });
  }
  const claim = (name: string, api: ApiModels): void => {
    const model = models.get(name);
    const { version, kind } = splitName(name);
    if (!model || places.has(name) || version !== api.version) return;
    const { group } = api;
    const definition = definitionName(group, version, kind);
    const shortGroup = definition.split('.').at(-3)!;
    const isKind = ['apiVersion', 'kind', 'metadata'].every((field) => model.fields.some((f) => f.name === field));
    places.set(name, { definition, shortGroup, kind, ...(isKind && { gvk: { group, version, kind } }) });
    for (const field of model.fields) for (const other of modelsIn(field.type)) claim(other, api);
  };
  const coreFirst = [...apis].sort((a, b) => Number(b.group === '') - Number(a.group === ''));
  for (const api of [...claimedFirst, ...coreFirst]) for (const name of api.models) claim(name, api);
  return places;
}

const definitionName = (group: string, version: string, kind: string): string =>
  group === 'internal.apiserver.k8s.io'
    ? `io.k8s.api.apiserverinternal.${version}.${kind}`
    : schemaNameOf(group, version, kind);

const modelsIn = (type: string): string[] => type.match(/\b[A-Z]\w*V?\d\w*\b/g) ?? [];

/** What a missing key of an entry stands for when lists merge. */
const fieldDefaults: Readonly<Record<string, unknown>> = {
  'core.ContainerPort.protocol': 'TCP',
  'core.ServicePort.protocol': 'TCP',
};

function definitionOf(model: Model, place: Place, places: Map<string, Place>): Schema {
  const required = model.fields.filter((field) => field.required).map((field) => field.name);
  const properties = model.fields.map((field): [string, Schema] => {
    const type = typeOf(field.type, field, place.kind, places);
    const kind = `${place.shortGroup}.${place.kind}`;
    const fallback =
      fieldDefaults[`${kind}.${field.name}`] ?? (type.$ref && isStructValue(kind, field.name) ? {} : undefined);
    const schema = {
      ...(field.description !== undefined && { description: field.description }),
      ...(fallback !== undefined && { default: fallback }),
      ...type,
      ...extensionsOf(mergeFacts.get(`${place.shortGroup}.${place.kind}.${field.name}`)),
    };
    return [field.name, schema];
  });
  return {
    ...(model.description !== undefined && { description: model.description }),
    type: 'object',
    ...(properties.length && { properties: Object.fromEntries(properties) }),
    ...(required.length && { required }),
    ...extensionsOf(mergeFacts.get(`${place.shortGroup}.${place.kind}`)),
    ...(place.gvk && { 'x-kubernetes-group-version-kind': [place.gvk] }),
  };
}

function extensionsOf(facts: MergeFacts | undefined): Schema {
  if (!facts) return {};
  return {
    ...(facts.listMapKeys && { 'x-kubernetes-list-map-keys': facts.listMapKeys }),
    ...(facts.listType && { 'x-kubernetes-list-type': facts.listType }),
    ...(facts.mapType && { 'x-kubernetes-map-type': facts.mapType }),
    ...(facts.patchMergeKey && { 'x-kubernetes-patch-merge-key': facts.patchMergeKey }),
    ...(facts.patchStrategy && { 'x-kubernetes-patch-strategy': facts.patchStrategy }),
  };
}

function typeOf(type: string, field: ModelField, kind: string, places: Map<string, Place>): Schema {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list) return { type: 'array', items: typeOf(list, field, kind, places) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map) return { type: 'object', additionalProperties: typeOf(map, field, kind, places) };
  const fact = `${kind}.${field.name}`;
  switch (type) {
    case 'string':
      if (quantityFields.has(fact)) return refTo(quantityName);
      if (byteMapFields.has(fact) || field.format === 'byte') return { type: 'string', format: 'byte' };
      return { type: 'string' };
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return { type: field.format === 'double' ? 'number' : 'integer', format: field.format || 'int64' };
    case 'Date':
      return refTo(field.format === 'date-time-micro' ? microTimeName : timeName);
    case 'IntOrString':
      return refTo(intOrStringName);
    case 'V1MicroTime':
      return refTo(microTimeName);
    case 'any':
      return refTo(freeFormFields[fact] ?? rawExtensionName);
    default: {
      const place = places.get(type);
      return place ? refTo(place.definition) : { type: 'object' };
    }
  }
}

if (require.main === module) {
  const file = path.join(__dirname, '..', 'openapi-definitions.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(generateDefinitions()));
}
