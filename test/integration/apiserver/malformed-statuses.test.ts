/** Every field of every status, replaced by nonsense: refused or accepted, but never an internal error. */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { resources } from '../../../api/resources';
import { definitions } from '../../../api/schema/definitions';
import { refName, type Schema } from '../../../api/schema/schema';
import { resourcePath } from '../../../client/resource-path';
import { allowPods, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { namedFixture } from '../../support/fixtures';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
  await allowPods(server);
});

afterAll(async () => {
  await server?.stop();
});

const nonsense: unknown[] = [null, '', 'x', -1, {}, [{}], [null]];

const resolved = (schema: Schema): Schema => definitions()[refName(schema) ?? ''] ?? schema;

/** Values with nonsense in their fields, or in those of the elements, that many levels deep. */
function* malformed(schema: Schema, depth: number): Generator {
  const { properties, items } = resolved(schema);
  if (depth === 0) yield* nonsense;
  else if (items) for (const element of malformed(items, depth)) yield [element];
  else
    for (const [name, field] of Object.entries(properties ?? {})) {
      for (const value of malformed(field, depth - 1)) yield { [name]: value };
    }
}

it.each(
  resources
    .filter(({ subresources }) => subresources?.status)
    .map((definition) => [definition.kind, definition] as const),
)('%s', async (_kind, definition: ResourceDefinition) => {
  const collection = resourcePath(definition, { namespace: 'default' });
  const created = await server.rest('POST', collection, { body: namedFixture(definition, 'malformed') });
  if (created.code !== 201) throw new Error(`the sample is refused: ${created.text}`);
  const path = `${collection}/${created.body.metadata.name}/status?dryRun=All&fieldValidation=Ignore`;
  const { status } = resolved({ $ref: `#/definitions/${definition.schema}` }).properties ?? {};
  const values = [1, 2].flatMap((depth) => [...malformed(status ?? {}, depth)]);
  if (values.length === 0) throw new Error(`${definition.schema} has no status`);
  const queue = values.values();
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (const value of queue) {
      const body = { status: value };
      const headers = { 'content-type': 'application/merge-patch+json' };
      const answer = await server.rest('PATCH', path, { body, headers });
      if (answer.code !== 200 && answer.code !== 400 && answer.code !== 422) {
        failures.push(`${JSON.stringify(body)}: ${answer.code} ${answer.text}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(failures).toEqual([]);
});
