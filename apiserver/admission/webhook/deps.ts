/** What both webhook plugins are made from. */
import type { Metrics } from '../../../component-base/metrics';
import type { Authorizer } from '../../authorization/authorizer';
import type { ResourceTable } from '../../endpoints/served-resource';
import type { Loopback } from '../../registry/loopback';
import type { WebhookClient } from '../../webhook-client';

export interface WebhookPluginDeps {
  loopback: Loopback;
  authorizer: Authorizer;
  metrics: Metrics;
  client: WebhookClient;
  table: ResourceTable;
}
