/** Every field of every kind, left out or replaced by nonsense: refused or accepted, but never an internal error. */
import { resources } from '../../../api/resources';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
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

const absent = Symbol('absent');
const nonsense: unknown[] = [absent, null, '', 'x', -1, 1.5, true, {}, [], [{}], [null], { a: null }, { 'a b': 'c' }];

type Path = (string | number)[];

/** The way to every field and element of an object. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys: Path = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [[...at, key], ...pathsOf((value as Record<Path[0], unknown>)[key], [...at, key])]);
}

function withValue(object: object, path: Path, value: unknown): object {
  const copy = structuredClone(object);
  const parent = path.slice(0, -1).reduce((at: any, key) => at[key], copy);
  const last = path.at(-1)!;
  if (value !== absent) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

const pathOf = (definition: ResourceDefinition): string => resourcePath(definition, { namespace: 'default' });

it.each(resources.map((definition) => [definition.kind, definition] as const))('%s', async (_kind, definition) => {
  const object = namedFixture(definition, 'malformed');
  const { name } = object.metadata;
  const options = '?dryRun=All&fieldValidation=Ignore';
  const attempts: [string, string, unknown][] = [];
  for (const path of pathsOf(object)) {
    for (const value of nonsense) {
      const body = withValue(object, path, value);
      attempts.push(['POST', `${pathOf(definition)}${options}`, body]);
    }
  }
  if (definition.verbs.includes('update')) {
    const created = await server.rest('POST', pathOf(definition), { body: object });
    if (created.code !== 201) throw new Error(`the sample is refused: ${created.text}`);
    for (const path of pathsOf(created.body)) {
      for (const value of nonsense.slice(0, 2)) {
        const body = withValue(created.body, path, value);
        attempts.push(['PUT', `${pathOf(definition)}/${name}${options}`, body]);
      }
    }
  }
  const failures: string[] = [];
  // A few at a time: an answer takes longer to wait for than to compute.
  const queue = attempts.values();
  const worker = async (): Promise<void> => {
    for (const [method, path, body] of queue) {
      const answer = await server.rest(method, path, { body });
      if (answer.code >= 500) failures.push(`${method} ${JSON.stringify(body)}: ${answer.text}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(failures).toEqual([]);
});
