/** APIService: who serves a group version, this API server or another one behind a Service. */
import type {
  V1APIService,
  V1APIServiceCondition,
  V1APIServiceSpec,
  V1APIServiceStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { nameIsPathSegment } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateApiService, validateApiServiceStatus } from './validation';

export interface ApiService extends Wire<V1APIService> {}
export interface ApiServiceSpec extends Wire<V1APIServiceSpec> {}
export interface ApiServiceStatus extends Wire<V1APIServiceStatus> {}
export interface ApiServiceCondition extends Wire<V1APIServiceCondition> {}

function formatAvailable({ status }: ApiService): string {
  const available = status?.conditions?.find(({ type }) => type === 'Available');
  if (!available) return 'Unknown';
  if (available.status === 'True' || !available.reason) return available.status;
  return `${available.status} (${available.reason})`;
}

export const apiServices = defineResource<ApiService>({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  names: { plural: 'apiservices', singular: 'apiservice', categories: ['api-extensions'] },
  scope: 'Cluster',
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  prepareForCreate(apiService) {
    // What this server serves itself is available at once.
    if (apiService.spec?.service) return;
    const local = {
      type: 'Available',
      status: 'True',
      reason: 'Local',
      message: 'Local APIServices are always available',
    };
    apiService.status = { conditions: [{ ...local, lastTransitionTime: apiService.metadata?.creationTimestamp }] };
  },
  validate: validateApiService,
  validateName: nameIsPathSegment,
  generation: false,
  allowUnconditionalUpdate: false,
  subresources: { status: { validateUpdate: validateApiServiceStatus } },
  columns: [
    nameColumn,
    textColumn('Service', 'The reference to the service that hosts this API endpoint.', ({ spec }) =>
      spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    textColumn('Available', 'Whether this service is available.', formatAvailable),
    ageColumn,
  ],
});
