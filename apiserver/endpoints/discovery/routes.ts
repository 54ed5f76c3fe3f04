/** Serves discovery on the express app. */
import type { Express, Request, Response } from 'express';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { exchangeOf, type RouteSet } from '../non-resource';
import { sendJsonBytes } from '../respond';
import { negotiateDiscovery } from './aggregated';
import { buildDiscovery, type CachedDocument, type DiscoveryDocuments, type RemoteGroupVersion } from './documents';
import { latest } from './latest';

/**
 * `resources` are what is served now, `remote` what other servers serve; `serverAddress` is what `/api` tells clients:
 * `192.0.2.1:6443`.
 */
export function createDiscoveryRoutes(
  resources: () => readonly ResourceDefinition[],
  serverAddress: string,
  remote: () => readonly RemoteGroupVersion[],
): RouteSet {
  const ofResources = latest(resources, (served) =>
    latest(remote, (others) => buildDiscovery(served, serverAddress, others)),
  );
  const documents = (): DiscoveryDocuments => ofResources()();
  return {
    paths: () => documents().paths(),
    mount: (app: Express) => {
      for (const path of ['/api', '/apis'] as const) {
        app.get(path, (request, response) => {
          const version = negotiateDiscovery(request.headers.accept);
          response.setHeader('Vary', 'Accept');
          if (version === 'legacy') return sendJsonBytes(exchangeOf(response), 200, documents().find(path)!.bytes);
          const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
          sendDocument(request, response, documents().aggregated(path, version), type);
        });
      }
      app.get(['/api/{*rest}', '/apis/{*rest}'], async (request, response, next) => {
        const document = documents().find(request.path.replace(/\/$/, ''));
        if (document) await sendJsonBytes(exchangeOf(response), 200, document.bytes);
        else next();
      });
    },
  };
}

/** Answers with the bytes as they are, or 304 when the client has them already. */
export function sendDocument(
  request: Request,
  response: Response,
  { bytes, etag }: CachedDocument,
  contentType: string,
): void {
  response.setHeader('Audit-Id', exchangeOf(response).auditId);
  response.setHeader('ETag', `"${etag}"`);
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'public');
  if (request.headers['if-none-match']?.includes(etag)) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
