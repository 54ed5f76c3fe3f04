import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequestMetrics } from '../../../apiserver/endpoints/request-metrics';
import { exchangeOf } from '../../../apiserver/exchange';
import { HttpContext } from '../../../apiserver/http-context';
import { parseRequestInfo } from '../../../apiserver/request-info';
import { createLogger } from '../../../component-base/logger';
import { createMetrics } from '../../../component-base/metrics';

it('tells the own latency without the turn, the sum of mutating webhooks and the slowest validating one', async () => {
  const exchange = exchangeOf({ url: '/api/v1/nodes', headers: {} } as IncomingMessage, {} as ServerResponse);
  const info = parseRequestInfo('GET', exchange.path, exchange.query);
  const log = createLogger('test');
  const context = new HttpContext({ name: 'jane', groups: [] }, info, exchange, log);
  context.webhookTook('admit', 1);
  context.webhookTook('admit', 2);
  for (const seconds of [3, 4, 2]) context.webhookTook('validating', seconds);
  exchange.tally.queuedSeconds = 0.5;
  const metrics = createMetrics();
  createRequestMetrics(metrics, () => true).finished(info, exchange.tally, false, 200, 8);
  const text = await metrics.text();
  expect(text).toMatch(/^apiserver_request_duration_seconds_sum\{.*resource="nodes".*\} 8$/m);
  expect(text).toMatch(/^apiserver_request_sli_duration_seconds_sum\{.*resource="nodes".*\} 0\.5$/m);
});
