/** Clients that get and list, on any server, in pages or whole, of all objects or some. */
import type { Answer, ApiClient } from './api-client';
import { collection, itemOf, revisionOf, selectorQuery, sides } from './objects';
import { objectCount, pause, type WorkerOptions } from './writers';

const queryOf = (...parts: string[]): string => {
  const given = parts.filter(Boolean).join('&');
  return given ? `?${given}` : '';
};

/** Failures are not recorded: a read that told nothing proves nothing. */
export async function runReader({ name, clients, random, recorder, signal }: WorkerOptions): Promise<void> {
  while (!signal.aborted) {
    const client = random.pick(clients);
    const ask = (path: string): Promise<Answer | undefined> => client.send('GET', path).catch(() => undefined);
    if (random.next() < 0.6) {
      const key = `object-${random.below(objectCount)}`;
      await recorder.record(name, async () => {
        const answer = await ask(`${collection}/${key}`);
        if (answer?.code === 404) return { kind: 'read', key };
        if (answer?.code !== 200) return undefined;
        const { revision, id } = itemOf(answer.body);
        return { kind: 'read', key, found: { revision, id } };
      });
    } else {
      const side = random.pick([undefined, ...sides]);
      const cached = random.next() < 0.3;
      const limit = !cached && random.next() < 0.4 ? 'limit=5' : '';
      await recorder.record(name, async () => {
        const pages = await listPages(client, selectorQuery(side), limit || (cached ? 'resourceVersion=0' : ''));
        if (!pages) return undefined;
        const items = pages.flatMap(({ items: found }) => found.map(itemOf));
        return { kind: 'list', ...(side && { side }), cached, revision: revisionOf(pages[0]), items };
      });
    }
    await pause(random, signal);
  }
}

/** All pages of one snapshot; undefined when one of them failed. */
async function listPages(client: ApiClient, selector: string, first: string): Promise<any[] | undefined> {
  const pages: any[] = [];
  let token = '';
  do {
    const position = token ? `limit=5&continue=${encodeURIComponent(token)}` : first;
    const answer = await client.send('GET', `${collection}${queryOf(selector, position)}`).catch(() => undefined);
    if (answer?.code !== 200) return undefined;
    pages.push(answer.body);
    token = (answer.body.metadata.continue as string | undefined) ?? '';
  } while (token);
  return pages;
}
