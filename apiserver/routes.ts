/** What the server tells of itself beside its objects: discovery, OpenAPI, its flags and status, profiles. */
import type { Clock } from '../component-base/clock';
import type { Aggregator } from './aggregation/aggregator';
import { createDiscoveryRoutes } from './endpoints/discovery/routes';
import type { RouteSet } from './endpoints/non-resource';
import { createOpenApiRoutes } from './endpoints/openapi/routes';
import { createProfilingRoutes } from './endpoints/profiling';
import type { ResourceTable } from './endpoints/served-resource';
import { createZpages } from './endpoints/zpages';
import type { ApiServerFlags } from './flags';

export interface RoutesDeps {
  table: ResourceTable;
  aggregator: Pick<Aggregator, 'remoteVersions'>;
  advertiseAddress: string;
  clock: Clock;
}

export function createRoutes(
  flags: ApiServerFlags,
  { table, aggregator, advertiseAddress, clock }: RoutesDeps,
): RouteSet[] {
  return [
    ...(flags.profiling ? [createProfilingRoutes()] : []),
    createZpages('kube-apiserver', flags, clock),
    createDiscoveryRoutes(table.definitions, `${advertiseAddress}:${flags.securePort}`, aggregator.remoteVersions),
    createOpenApiRoutes(table.definitions, aggregator.remoteVersions),
  ];
}
