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
}

export interface OpenApiV2 {
  json(): CachedDocument;
  protobuf(): CachedDocument;
}

const lazy = (build: () => string | Uint8Array): (() => CachedDocument) => {
  let document: CachedDocument | undefined;
  return () => (document ??= cachedDocument(build()));
};

/** Builds for these resources; make a new one when kinds come or go. `definitions` has a schema for each of them. */
export function buildOpenApiV3(
  resources: readonly ResourceDefinition[],
  definitions: () => Definitions = builtInDefinitions,
): OpenApiV3 {
  const documents = new Map<string, () => CachedDocument>();
  for (const version of catalogOf(resources).flatMap(({ versions }) => versions)) {
    const build = (): string => {
      const all = definitions();
      const paths = pathsOf(version, (name) => Object.hasOwn(all, name));
      return JSON.stringify(openApiV3Document(paths, all, served.gitVersion));
    };
    documents.set(`${version.group ? 'apis' : 'api'}/${version.apiVersion}`, lazy(build));
  }
  const index = lazy(() => {
    const urls = [...documents].map(([path, document]) => [
      path,
      { serverRelativeURL: `/openapi/v3/${path}?hash=${document().etag}` },
    ]);
    return JSON.stringify({ paths: Object.fromEntries(urls) as object });
  });
  return { index, document: (groupVersion) => documents.get(groupVersion)?.() };
}

/** As `buildOpenApiV3`, for the one document of version 2. */
export function buildOpenApiV2(
  resources: readonly ResourceDefinition[],
  definitions: () => Definitions = builtInDefinitions,
): OpenApiV2 {
  const build = (): ReturnType<typeof openApiV2Document> => {
    const all = definitions();
    const versions = catalogOf(resources).flatMap((group) => group.versions);
    const paths = versions.flatMap((version) => pathsOf(version, (name) => Object.hasOwn(all, name)));
    return openApiV2Document(paths, all, served.gitVersion);
  };
  return { json: lazy(() => JSON.stringify(build())), protobuf: lazy(() => encodeOpenApiV2(build())) };
}
