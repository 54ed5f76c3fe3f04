/** Serves `/openapi/v2` and `/openapi/v3` on the express app. */
import type { Express } from 'express';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { newNotAcceptable } from '../../../api/meta/status-error';
import type { CachedDocument } from '../discovery/documents';
import { sendDocument } from '../discovery/routes';
import type { RouteSet } from '../non-resource';
import { latest } from '../discovery/latest';
import { buildOpenApiV2, buildOpenApiV3, type OpenApiV3, withRemoteV3 } from './documents';
import { v2ProtobufContentType, v2ProtobufType } from './v2-protobuf';

const yearSeconds = 365 * 24 * 3600;

/** A group version of another server. */
export interface RemoteOpenApi {
  group: string;
  version: string;
  openApi?: CachedDocument;
}

/** `resources` are what is served now, `remote` what other servers serve. */
export function createOpenApiRoutes(
  resources: () => readonly ResourceDefinition[],
  remote: () => readonly RemoteOpenApi[],
): RouteSet {
  const own = latest<readonly ResourceDefinition[], OpenApiV3>(resources, buildOpenApiV3);
  const merged = latest(own, (ours) => latest(remote, (others) => withRemoteV3(ours, remoteParts(others))));
  const v3 = (): Pick<OpenApiV3, 'index' | 'document'> => merged()();
  const v2 = latest(resources, (served) => buildOpenApiV2(served));
  return {
    paths: () => ['/openapi/v2', '/openapi/v3'],
    mount: (app: Express) => {
      app.get('/openapi/v2', (request, response) => {
        response.setHeader('Vary', 'Accept');
        const form = negotiateV2(request.headers.accept);
        if (form === 'protobuf') sendDocument(request, response, v2().protobuf(), v2ProtobufContentType);
        else sendDocument(request, response, v2().json(), 'application/json');
      });
      app.get(['/openapi/v3', '/openapi/v3/'], (request, response) => {
        response.setHeader('Cache-Control', 'no-cache, private');
        sendDocument(request, response, v3().index(), 'application/json');
      });
      app.get('/openapi/v3/{*groupVersion}', (request, response, next) => {
        const path = request.path.slice('/openapi/v3/'.length);
        const document = v3().document(path);
        if (!document) return next();
        const { hash } = request.query;
        response.setHeader('Vary', 'Accept');
        if (typeof hash === 'string' && hash !== document.etag) {
          return response.redirect(301, `/openapi/v3/${path}?hash=${document.etag}`);
        }
        // A URL with the hash names this content for ever.
        if (hash !== undefined) response.setHeader('Cache-Control', `public, immutable, max-age=${yearSeconds}`);
        sendDocument(request, response, document, 'application/json');
      });
    },
  };
}

const remoteParts = (others: readonly RemoteOpenApi[]): Map<string, CachedDocument> =>
  new Map(
    others.flatMap(({ group, version, openApi }) => (openApi ? [[`apis/${group}/${version}`, openApi] as const] : [])),
  );

/** The first form in the Accept header that there is. Throws NotAcceptable. */
export function negotiateV2(accept: string | undefined): 'json' | 'protobuf' {
  if (!accept) return 'json';
  for (const clause of accept.split(',')) {
    const type = clause.split(';')[0]!.trim().toLowerCase();
    if (type === v2ProtobufType || type === v2ProtobufContentType) {
      return 'protobuf';
    }
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  }
  throw newNotAcceptable(`only the following media types are accepted: application/json, ${v2ProtobufType}`);
}
