import type { IncomingMessage } from 'node:http';
import type { DelegatedAuth } from '../../../../client/delegated-auth';
import { authorizeRequest, subresourceOf } from '../../../../kubelet/server/authorization';

describe('subresourceOf', () => {
  it.each([
    ['/stats', 'stats'],
    ['/stats/summary', 'stats'],
    ['/statsx', 'proxy'],
    ['/metrics', 'metrics'],
    ['/metrics/resource', 'metrics'],
    ['/logs/', 'log'],
    ['/checkpoint/ns/pod', 'checkpoint'],
    ['/containerLogs/ns/pod/main', 'proxy'],
    ['/exec/ns/pod/main', 'proxy'],
    ['/', 'proxy'],
  ])('guards %s by nodes/%s', (path, subresource) => {
    expect(subresourceOf(path)).toBe(subresource);
  });
});

describe('authorizeRequest', () => {
  const asked: object[] = [];
  const auth = (username: string | undefined, allowed = true): DelegatedAuth =>
    ({
      authenticate: () => Promise.resolve(username ? { username, groups: [] } : undefined),
      authorize: (_user: unknown, spec: object) => {
        asked.push(spec);
        return Promise.resolve({ allowed });
      },
    }) as never;
  const request = (method: string): IncomingMessage => ({ method }) as never;

  it('asks for the verb of the method on the subresource of this node', async () => {
    await authorizeRequest(request('POST'), '/exec/ns/pod/main', 'node-1', auth('someone'));
    expect(asked.at(-1)).toEqual({
      resourceAttributes: {
        verb: 'create',
        group: '',
        version: 'v1',
        resource: 'nodes',
        subresource: 'proxy',
        name: 'node-1',
      },
    });
  });

  it('refuses strangers, and users who may not', async () => {
    await expect(authorizeRequest(request('GET'), '/pods', 'n', auth(undefined))).rejects.toMatchObject({ code: 401 });
    await expect(authorizeRequest(request('GET'), '/pods', 'n', auth('eve', false))).rejects.toThrow(
      'Forbidden (user=eve, verb=get, resource=nodes, subresource(s)=[proxy])',
    );
  });

  it('lets everybody ask for health', async () => {
    await expect(authorizeRequest(request('GET'), '/healthz', 'n', auth(undefined))).resolves.toBeUndefined();
  });
});
