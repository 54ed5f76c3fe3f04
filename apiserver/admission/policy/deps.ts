/** What both policy plugins are made from. */
import type { Metrics } from '../../../component-base/metrics';
import type { Authorizer } from '../../authorization/authorizer';
import type { ResourceTable } from '../../endpoints/served-resource';
import type { Loopback } from '../../registry/loopback';

export interface PolicyPluginDeps {
  loopback: Loopback;
  authorizer: Authorizer;
  metrics: Metrics;
  table: ResourceTable;
}
