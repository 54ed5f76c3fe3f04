/** All OpenAPI documents of one set of resources: built and serialized when first asked for, then kept. */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { definitions as builtInDefinitions } from '../../../api/schema/definitions';
import type { Definitions } from '../../../api/schema/schema';
import { version as served } from '../../../component-base/version';
import { catalogOf } from '../discovery/catalog';
import { type CachedDocument, cachedDocument } from '../discovery/documents';
import { pathsOf } from './operations';
import { openApiV2Document } from './v2';
import { encodeOpenApiV2 } from './v2-protobuf';
import { openApiV3Document } from './v3';

export interface OpenApiV3 {
  /** `/openapi/v3`: where each document is, with its hash in the URL. */
  index(): CachedDocument;
  /** By what follows `/openapi/v3/`: `api/v1`, `apis/apps/v1`. */
  document(groupVersion: string): CachedDocument | undefined;
  /** The documents, to be kept where their kinds stay the same. */
  readonly parts: ReadonlyMap<string, DocumentPart>;
}

interface DocumentPart {
  kinds: readonly ResourceDefinition[];
  document(): CachedDocument;
}

export interface OpenApiV2 {
  json(): CachedDocument;
  protobuf(): CachedDocument;
}

const lazy = (build: () => string | Uint8Array): (() => CachedDocument) => {
  let document: CachedDocument | undefined;
  return () => (document ??= cachedDocument(build()));
};

/** The built-in definitions and those that custom kinds bring along. */
const definitionsOf = (kinds: readonly ResourceDefinition[], openApiVersion: 'v2' | 'v3'): Definitions => {
  const custom = kinds.flatMap((kind) => kind.custom?.openApi(openApiVersion) ?? []);
  return custom.length ? (Object.assign({}, builtInDefinitions(), ...custom) as Definitions) : builtInDefinitions();
};

const sameKinds = (a: readonly ResourceDefinition[], b: readonly ResourceDefinition[]): boolean =>
  a.length === b.length && a.every((kind, index) => kind === b[index]);

/** Builds for these resources; make a new one when kinds come or go, with what the previous one had of the others. */
export function buildOpenApiV3(resources: readonly ResourceDefinition[], previous?: OpenApiV3): OpenApiV3 {
  const parts = new Map<string, DocumentPart>();
  for (const version of catalogOf(resources).flatMap(({ versions }) => versions)) {
    const path = `${version.group ? 'apis' : 'api'}/${version.apiVersion}`;
    const kinds = version.resources.map(({ definition }) => definition);
    const known = previous?.parts.get(path);
    if (known && sameKinds(known.kinds, kinds)) {
      parts.set(path, known);
      continue;
    }
    const build = (): string => {
      const all = definitionsOf(kinds, 'v3');
      const paths = pathsOf(version, (name) => Object.hasOwn(all, name));
      return JSON.stringify(openApiV3Document(paths, all, served.gitVersion));
    };
    parts.set(path, { kinds, document: lazy(build) });
  }
  const index = lazy(() => indexOf([...parts].map(([path, { document }]) => [path, document()])));
  return { index, document: (groupVersion) => parts.get(groupVersion)?.document(), parts };
}

const indexOf = (documents: [string, CachedDocument][]): string =>
  JSON.stringify({
    paths: Object.fromEntries(
      documents.map(([path, { etag }]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${etag}` }]),
    ),
  });

/** Adds the documents of other servers, which ours never are replaced by. */
export function withRemoteV3(
  own: OpenApiV3,
  remote: ReadonlyMap<string, CachedDocument>,
): Pick<OpenApiV3, 'index' | 'document'> {
  const others = [...remote].filter(([path]) => !own.parts.has(path));
  if (others.length === 0) return own;
  const ours = (): [string, CachedDocument][] => [...own.parts].map(([path, { document }]) => [path, document()]);
  const index = lazy(() => indexOf([...ours(), ...others]));
  return { index, document: (path) => own.document(path) ?? remote.get(path) };
}

/** The one document of version 2. */
export function buildOpenApiV2(resources: readonly ResourceDefinition[]): OpenApiV2 {
  const build = (): ReturnType<typeof openApiV2Document> => {
    const all = definitionsOf(resources, 'v2');
    const versions = catalogOf(resources).flatMap((group) => group.versions);
    const paths = versions.flatMap((version) => pathsOf(version, (name) => Object.hasOwn(all, name)));
    return openApiV2Document(paths, all, served.gitVersion);
  };
  return { json: lazy(() => JSON.stringify(build())), protobuf: lazy(() => encodeOpenApiV2(build())) };
}
