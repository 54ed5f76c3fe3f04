/** The consistency checker against servers that break their promises: each of them has to be found out, and honest ones not. */
import { type ApiClient, createApiClient } from '../../consistency/api-client';
import { drive } from '../../consistency/drive';
import { followEtcd } from '../../consistency/etcd-truth';
import { plantedBugs, withLostAnswers } from '../../consistency/planted-bugs';
import { Random } from '../../consistency/random';
import { Recorder } from '../../consistency/recorder';
import { verify } from '../../consistency/verify';
import type { Violation } from '../../consistency/history';
import { until } from '../../support/until';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

/** A short run of a few clients through `wrap`. */
async function violationsThrough(wrap: (client: ApiClient) => ApiClient, operations = 250): Promise<Violation[]> {
  const honest = createApiClient({ port: server.port, ca: server.ca, ...server.admin });
  await honest.send('DELETE', '/api/v1/namespaces/consistency/configmaps');
  const truth = followEtcd(server.etcd.endpoints);
  const recorder = new Recorder();
  try {
    const history = await drive({
      clients: [wrap(honest)],
      truth,
      random: new Random(1),
      recorder,
      workers: { writers: 3, counters: 3, readers: 2, watchers: 3 },
      perturb: async () => {
        await until('the clients have worked', () => recorder.operations.length >= operations, { everyMs: 20 });
      },
    });
    return verify(history);
  } finally {
    honest.close();
    truth.close();
  }
}

it.each([
  ['answers', (client: ApiClient) => client],
  ['loses answers', withLostAnswers],
])('finds nothing wrong with a server that only %s', async (_what, wrap) => {
  expect(await violationsThrough(wrap)).toEqual([]);
});

it.each(plantedBugs.map((bug) => [bug.name, bug] as const))('catches %s', async (_name, { plant, caughtAs }) => {
  let caught: Violation[] = [];
  // A lie may be true by chance, such as an old answer while nothing has changed: then there have to be more of them.
  for (const operations of [250, 500, 1_000, 2_000]) {
    caught = (await violationsThrough(plant, operations)).filter(({ rule }) => caughtAs.includes(rule));
    if (caught.length > 0) break;
  }
  expect(caught).not.toEqual([]);
});
