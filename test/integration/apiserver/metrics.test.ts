/** What the server tells of itself under upstream's names. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { openWatch } from '../../support/watch-client';

const configMaps = '/api/v1/namespaces/default/configmaps';
let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const scrape = async (): Promise<string> => (await server.rest('GET', '/metrics')).text;

it('counts requests, objects, watchers, events and calls of etcd', async () => {
  const watch = await openWatch(server, `${configMaps}?watch=1&resourceVersion=0`);
  await server.rest('POST', configMaps, { body: { metadata: { name: 'counted' } } });
  while ((await watch.next())?.object.metadata.name !== 'counted');
  await server.rest('GET', `${configMaps}/counted`);
  const text = await scrape();
  for (const pattern of [
    /^apiserver_request_total\{verb="POST",dry_run="",group="",version="v1",resource="configmaps",.*code="201"\} 1$/m,
    /^apiserver_request_duration_seconds_count\{.*resource="configmaps".*\} 1$/m,
    /^apiserver_request_sli_duration_seconds_count\{.*resource="configmaps".*\} 1$/m,
    /^apiserver_response_sizes_bucket\{le="1000",verb="GET",.*resource="configmaps",.*\} 1$/m,
    /^apiserver_tls_handshake_errors_total 0$/m,
    /^apiserver_longrunning_requests\{verb="WATCH",.*resource="configmaps",.*\} 1$/m,
    /^apiserver_current_inflight_requests\{request_kind="readOnly"\} 1$/m,
    /^apiserver_registered_watchers\{group="",version="v1",kind="ConfigMap"\} [1-9]/m,
    /^apiserver_watch_events_total\{group="",version="v1",resource="configmaps"\} [1-9]/m,
    /^apiserver_storage_objects\{resource="configmaps"\} [1-9]/m,
    /^apiserver_storage_objects\{resource="deployments.apps"\} 0$/m,
    /^etcd_request_duration_seconds_count\{operation="create",type="configmaps"\} [1-9]/m,
    /^authentication_attempts\{result="success"\} [1-9]/m,
    /^authorization_attempts_total\{result="allowed"\} [1-9]/m,
  ]) {
    expect(text).toMatch(pattern);
  }
  watch.close();
});

it('tells how much is read for lists, from the cache and from etcd, and how large etcd is', async () => {
  const inNamespace = async (name: string): Promise<string> => {
    await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    return `/api/v1/namespaces/${name}/secrets`;
  };
  const secrets = await inNamespace('listed');
  const types = ['Opaque', 'example.com/a', 'example.com/a'];
  for (const [index, type] of types.entries()) {
    await server.rest('POST', secrets, { body: { metadata: { name: `s-${index}`, labels: { n: `${index}` } }, type } });
  }
  // The server lists secrets itself when it starts.
  const before = await scrape();
  await server.rest('GET', `${secrets}?labelSelector=n%3D1`);
  await server.rest('GET', `${secrets}?fieldSelector=type%3Dexample.com/a`);
  const { body: first } = await server.rest('GET', `${secrets}?limit=1`);
  await server.rest('GET', `${secrets}?limit=5&labelSelector=n%3D2&continue=${first.metadata.continue}`);
  const text = await scrape();
  const valueIn = (scraped: string, series: string): number =>
    Number(
      scraped
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.slice(series.length) ?? 0,
    );
  const secret = 'group="",resource="secrets"';
  for (const [series, more] of [
    [`apiserver_cache_list_total{${secret},index=""}`, 2],
    [`apiserver_cache_list_fetched_objects_total{${secret},index=""}`, 6],
    [`apiserver_cache_list_total{${secret},index="f:type"}`, 1],
    [`apiserver_cache_list_fetched_objects_total{${secret},index="f:type"}`, 2],
    [`apiserver_cache_list_returned_objects_total{${secret}}`, 4],
    [`apiserver_storage_list_total{${secret}}`, 1],
    [`apiserver_storage_list_fetched_objects_total{${secret}}`, 2],
    [`apiserver_storage_list_evaluated_objects_total{${secret}}`, 2],
    [`apiserver_storage_list_returned_objects_total{${secret}}`, 1],
  ] as const) {
    expect([series, valueIn(text, series) - valueIn(before, series)]).toEqual([series, more]);
  }
  expect(text).toMatch(/^apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} [1-9]\d+$/m);
});

it('lets no client grow the registry by asking for what does not exist', async () => {
  const jane = await server.identity('jane');
  for (const path of [
    '/api/v1/namespaces/a/invented/x',
    '/apis/invented/v1/things/x',
    `${configMaps}/x/invented`,
    '/invented',
  ]) {
    await server.rest('GET', path);
    await server.rest('GET', path, { identity: jane });
    await server.rest('GET', path, { identity: null });
  }
  expect(await scrape()).not.toContain('invented');
});
