/** Every kind that is stored, with its sample manifest, through every verb. */
import { resources } from '../../../api/resources';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { resourcePath } from '../../../client/resource-path';
import { allowPods, type RestAnswer, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { namedFixture } from '../../support/fixtures';
import { openWatch } from '../../support/watch-client';

let server: TestApiServer;

beforeAll(async () => {
  // Without the controller that tells the state of flow schemas while they are tested.
  server = await startTestApiServer({ 'enable-priority-and-fairness': 'false' });
  await allowPods(server);
});

afterAll(async () => {
  await server?.stop();
});

const pathOf = (definition: ResourceDefinition): string => resourcePath(definition, { namespace: 'default' });

/** Why a request failed, to be seen when a test does. */
const failureOf = ({ body }: RestAnswer): string | undefined => (body.kind === 'Status' ? body.message : undefined);

/** The API server itself goes on to change these; they have tests of their own. */
const changedByServer: readonly string[] = ['customresourcedefinitions', 'validatingadmissionpolicies'];

const stored = resources.filter(
  ({ verbs, names }) => verbs.includes('watch') && !changedByServer.includes(names.plural),
);

describe.each(stored.map((definition) => [definition.kind, definition] as const))('%s', (_kind, definition) => {
  const collection = pathOf(definition);
  const { name } = namedFixture(definition, 'sample').metadata;
  const path = `${collection}/${name}`;

  it('is created, read, listed, watched, updated, patched and deleted', async () => {
    const fixture = namedFixture(definition, 'sample');
    fixture.metadata.labels = { ...fixture.metadata.labels, sample: 'yes' };
    const before = await server.rest('GET', collection);
    const watch = await openWatch(
      server,
      `${collection}?watch=1&resourceVersion=${before.body.metadata.resourceVersion}&fieldSelector=metadata.name%3D${name}`,
    );
    try {
      const created = await server.rest('POST', collection, { body: fixture });
      expect([created.code, failureOf(created)]).toEqual([201, undefined]);
      expect(created.body).toMatchObject({ kind: definition.kind, apiVersion: definition.apiVersion });
      expect(created.body.metadata).toMatchObject({ name, uid: expect.stringMatching(/^[0-9a-f-]{36}$/) });

      expect((await server.rest('GET', path)).body).toEqual(created.body);
      const list = await server.rest('GET', `${collection}?labelSelector=sample`);
      expect(list.body.kind).toBe(definition.listKind);
      expect(list.body.items).toEqual([created.body]);
      expect(await watch.next()).toEqual({ type: 'ADDED', object: created.body });

      const again = await server.rest('POST', collection, { body: fixture });
      expect(again).toMatchObject({ code: 409, body: { reason: 'AlreadyExists' } });

      const labelled = structuredClone(created.body);
      labelled.metadata.labels.put = 'yes';
      const updated = await server.rest('PUT', path, { body: labelled });
      expect([updated.code, failureOf(updated)]).toEqual([200, undefined]);
      const stale = await server.rest('PUT', path, {
        body: { ...labelled, metadata: { ...labelled.metadata, labels: {} } },
      });
      expect(stale).toMatchObject({ code: 409, body: { reason: 'Conflict' } });

      for (const [type, body] of [
        ['application/merge-patch+json', { metadata: { labels: { merge: 'yes' } } }],
        ['application/strategic-merge-patch+json', { metadata: { labels: { strategic: 'yes' } } }],
        ['application/json-patch+json', [{ op: 'add', path: '/metadata/labels/json', value: 'yes' }]],
      ] as const) {
        const patched = await server.rest('PATCH', path, { body, headers: { 'content-type': type } });
        expect([patched.code, failureOf(patched)]).toEqual([200, undefined]);
      }
      const final = await server.rest('GET', path);
      expect(final.body.metadata.labels).toMatchObject({ put: 'yes', merge: 'yes', strategic: 'yes', json: 'yes' });

      const table = await server.rest('GET', path, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      });
      expect(table.body.rows[0].cells).toHaveLength(table.body.columnDefinitions.length);

      // Some kinds would leave their dependents behind, and wait for that.
      const deleted = await server.rest('DELETE', `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
      expect(deleted.code).toBe(200);
      // What has finalizers waits for controllers, as a Namespace does for its content.
      const waits = definition.kind === 'Namespace' || final.body.metadata.finalizers?.length > 0;
      expect((await server.rest('GET', path)).code).toBe(waits ? 200 : 404);
    } finally {
      watch.close();
    }
  });
});
