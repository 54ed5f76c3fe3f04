import type { Pod } from '../../../../api/core/v1/pod';
import { createTokenManager, type TokenManager } from '../../../../kubelet/volumes/token-manager';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock';

const pod: Pod = { metadata: { name: 'web', namespace: 'default', uid: 'u1' }, spec: { containers: [] } };

describe('the token manager', () => {
  let clock: FakeClock;
  let manager: TokenManager;
  let asked: object[];
  let failure: Error | undefined;

  beforeEach(() => {
    clock = createFakeClock();
    asked = [];
    failure = undefined;
    const client = {
      createSubresource: async (
        _def: unknown,
        _name: string,
        _namespace: string,
        _sub: string,
        body: { spec: { expirationSeconds: number } },
      ) => {
        if (failure) throw failure;
        asked.push(body.spec);
        const expirationTimestamp = new Date(clock.now() + body.spec.expirationSeconds * 1000).toISOString();
        return { status: { token: `token-${asked.length}`, expirationTimestamp } };
      },
    };
    manager = createTokenManager({ client: client as never, clock });
  });

  it('asks for a token bound to the pod, once for each audience', async () => {
    expect(await manager.request(pod, undefined, 3607)).toBe('token-1');
    expect(await manager.request(pod, undefined, 3607)).toBe('token-1');
    expect(await manager.request(pod, 'vault', 3607)).toBe('token-2');
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u1' };
    expect(asked).toEqual([
      { expirationSeconds: 3607, boundObjectRef },
      { audiences: ['vault'], expirationSeconds: 3607, boundObjectRef },
    ]);
  });

  it('renews at four fifths of its life', async () => {
    await manager.request(pod, undefined, 1000);
    await clock.advance(780_000);
    expect(await manager.request(pod, undefined, 1000)).toBe('token-1');
    await clock.advance(20_000);
    expect(await manager.request(pod, undefined, 1000)).toBe('token-2');
  });

  it('renews a long-lived one after a day', async () => {
    await manager.request(pod, undefined, 30 * 86_400);
    await clock.advance(25 * 3_600_000);
    expect(await manager.request(pod, undefined, 30 * 86_400)).toBe('token-2');
  });

  it('keeps the old one while the API server is away, as long as it is valid', async () => {
    await manager.request(pod, undefined, 1000);
    failure = new Error('away');
    await clock.advance(900_000);
    expect(await manager.request(pod, undefined, 1000)).toBe('token-1');
    await clock.advance(200_000);
    await expect(manager.request(pod, undefined, 1000)).rejects.toThrow('away');
  });

  it('forgets those of a pod that is gone', async () => {
    await manager.request(pod, undefined, 1000);
    manager.forget('u1');
    expect(await manager.request(pod, undefined, 1000)).toBe('token-2');
  });
});
