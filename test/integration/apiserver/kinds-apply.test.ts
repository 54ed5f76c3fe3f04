/** Every kind that is stored, with its sample manifest, through server-side apply. */
import { resources } from '../../../api/resources';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { resourcePath } from '../../../client/resource-path';
import { allowPods, type RestAnswer, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { namedFixture } from '../../support/fixtures';
import { until } from '../../support/until';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
  await allowPods(server);
});

afterAll(async () => {
  await server?.stop();
});

const pathOf = (definition: ResourceDefinition): string => resourcePath(definition, { namespace: 'default' });

/** What is wrong, to be seen when a test fails. */
const failureOf = ({ code, body }: RestAnswer): string => (code < 300 ? '' : `${code} ${body?.message}`);

const stored = resources.filter(({ verbs }) => verbs.includes('watch'));

it.each(stored.map((definition) => [definition.kind, definition] as const))(
  '%s is applied once, and owned by who applied it',
  async (_kind, definition) => {
    const config = namedFixture(definition, 'applied');
    const path = `${pathOf(definition)}/${config.metadata.name}`;
    const send = (body: object, manager: string): Promise<RestAnswer> =>
      server.rest('PATCH', `${path}?fieldManager=${manager}`, {
        body,
        headers: { 'content-type': 'application/apply-patch+yaml' },
      });
    const labelled = (labels: object): object => ({
      ...config.metadata,
      labels: { ...config.metadata.labels, ...labels },
    });
    const apply = (labels: object): Promise<RestAnswer> => send({ ...config, metadata: labelled(labels) }, 'applier');
    // Values that are replaced as a whole conflict with their own defaults, when another manager repeats them.
    const { apiVersion, kind, metadata } = config;
    const label = (labels: object): Promise<RestAnswer> =>
      send({ apiVersion, kind, metadata: { name: metadata.name, labels } }, 'other');
    const created = await apply({ one: 'yes' });
    expect(failureOf(created)).toBe('');
    const [entry] = created.body.metadata.managedFields;
    expect(entry).toMatchObject({ manager: 'applier', operation: 'Apply', apiVersion: definition.apiVersion });
    expect(entry.fieldsV1['f:metadata']['f:labels']).toHaveProperty(['f:one']);

    // What the server does on its own (to namespaces, definitions, API services) settles soon.
    const [again, put] = await until('nothing changes any more', async () => {
      const { body } = await server.rest('GET', path);
      const repeated = await apply({ one: 'yes' });
      if (repeated.body.metadata?.resourceVersion !== body.metadata.resourceVersion) return false;
      const written = await server.rest('PUT', `${path}?fieldManager=updater`, { body: repeated.body });
      return written.code === 200 && ([repeated, written] as const);
    });
    expect(failureOf(again)).toBe('');
    expect(put.body).toEqual(again.body);

    const shared = await label({ one: 'yes', two: 'yes' });
    expect(failureOf(shared)).toBe('');
    const dropped = await apply({});
    expect(failureOf(dropped)).toBe('');
    expect(dropped.body.metadata.labels).toMatchObject({ one: 'yes', two: 'yes' });
    const gone = await label({});
    expect(gone.body.metadata.labels ?? {}).not.toHaveProperty('one');
    await server.rest('DELETE', `${path}?gracePeriodSeconds=0`);
  },
);
