import { createPriorityAndFairness } from '../../../../apiserver/flow-control/priority-and-fairness';
import { planDangling } from '../../../../apiserver/controllers/flow-control';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../../api/flowcontrol/v1/types';
import { createFakeClock } from '../../../support/fake-clock';
import { limitedRequest } from '../../../support/limited-request';

const pods = '/api/v1/namespaces/a/pods';
const user = (name: string) => ({ name, groups: ['system:authenticated'] });
type LimitResponse = NonNullable<NonNullable<PriorityLevelConfiguration['spec']>['limited']>['limitResponse'];

const level = (
  name: string,
  shares: number,
  limitResponse: LimitResponse,
  lendablePercent = 0,
  borrowingLimitPercent?: number,
) =>
  ({
    metadata: { name, uid: `${name}-uid` },
    spec: {
      type: 'Limited',
      limited: { nominalConcurrencyShares: shares, lendablePercent, borrowingLimitPercent, limitResponse },
    },
  }) as PriorityLevelConfiguration;
const schema = (name: string, of: string, level_: string): FlowSchema => ({
  metadata: { name, uid: `${name}-uid` },
  spec: {
    matchingPrecedence: 100,
    priorityLevelConfiguration: { name: level_ },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: of } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
      },
    ],
  },
});
const queuing = (queues: number, queueLengthLimit: number): LimitResponse => ({
  type: 'Queue',
  queuing: { queues, handSize: Math.min(2, queues), queueLengthLimit },
});

/** 10 seats: 5 of `catch-all`, 5 of the level called `tested`. */
function start(
  tested: PriorityLevelConfiguration,
  schemas: FlowSchema[],
  others: PriorityLevelConfiguration[] = [],
  serverSeats = 10,
) {
  const clock = createFakeClock();
  const rejected: string[] = [];
  const limiter = createPriorityAndFairness({
    serverSeats,
    maxWaitMs: 15_000,
    clock,
    metrics: {
      dispatched: () => undefined,
      waited: () => undefined,
      rejected: (_s, _l, reason) => void rejected.push(reason),
    },
    countOf: () => 1000,
  });
  limiter.configure(schemas, [tested, ...others]);
  const running = (name: string) => limiter.levels().find((one) => one.name === name)!;
  const ask = (who: string, method = 'GET', url = `${pods}/one`) =>
    limiter.enter(limitedRequest(method, url, user(who)));
  return { clock, limiter, rejected, ask, running };
}

it('serves at once while seats are free, queues up to the limit, and refuses then', async () => {
  const { ask, rejected, running } = start(level('tested', 5, queuing(1, 3)), [schema('s', 'jane', 'tested')]);
  const leaves = Array.from({ length: 5 }, () => ask('jane') as () => void);
  expect(leaves.every((leave) => typeof leave === 'function')).toBe(true);
  const waiting = Array.from({ length: 3 }, () => ask('jane'));
  await expect(ask('jane')).rejects.toMatchObject({ code: 429, status: { details: { retryAfterSeconds: 1 } } });
  expect(rejected).toEqual(['queue-full']);
  expect(running('tested')).toMatchObject({ executingSeats: 5, waitingRequests: 3 });
  leaves[0]!();
  (await waiting[0]!)();
  (await waiting[1]!)();
  expect(running('tested')).toMatchObject({ executingSeats: 5, waitingRequests: 0 });
});

it('refuses at once in a level that does not queue', async () => {
  const { ask, rejected } = start(level('tested', 5, { type: 'Reject' }), [schema('s', 'jane', 'tested')]);
  for (let i = 0; i < 5; i++) void ask('jane');
  await expect(ask('jane')).rejects.toMatchObject({ code: 429 });
  expect(rejected).toEqual(['concurrency-limit']);
});

it('gives up after a quarter of the request timeout, and when the client is gone', async () => {
  const { ask, clock, limiter, rejected, running } = start(level('tested', 5, queuing(4, 9)), [
    schema('s', 'jane', 'tested'),
  ]);
  for (let i = 0; i < 5; i++) void ask('jane');
  const late = Promise.resolve(ask('jane')).catch((error: unknown) => error);
  await clock.advance(15_000);
  expect(await late).toMatchObject({ code: 429 });
  const request = limitedRequest('GET', pods, user('jane'));
  const gone = Promise.resolve(limiter.enter(request)).catch((error: unknown) => error);
  request.response.emit('close');
  expect(await gone).toMatchObject({ code: 429 });
  expect(rejected).toEqual(['time-out', 'cancelled']);
  expect(running('tested').waitingRequests).toBe(0);
});

it('lets a mouse pass while an elephant waits in line', async () => {
  const { ask } = start(level('tested', 5, queuing(64, 50)), [schema('s', '*', 'tested')]);
  const order: string[] = [];
  const leaves = Array.from({ length: 5 }, () => ask('elephant') as () => void);
  const note = async (who: string): Promise<void> => {
    const leave = await ask(who);
    order.push(who);
    leave();
  };
  const all = [...Array.from({ length: 40 }, () => note('elephant')), note('mouse')];
  leaves[0]!();
  await Promise.all(all);
  expect(order).toHaveLength(41);
  expect(order.indexOf('mouse')).toBeLessThan(4);
});

it('borrows what other levels lend, up to its limit, and gives it back', async () => {
  const others = [level('lender', 5, { type: 'Reject' }, 60)];
  const { ask, running } = start(
    level('tested', 5, queuing(4, 50), 0, 40),
    [schema('s', 'jane', 'tested'), schema('l', 'joe', 'lender')],
    others,
    15,
  );
  expect(running('tested').limits).toMatchObject({ nominalSeats: 5, upperSeats: 7 });
  const leaves = Array.from({ length: 7 }, () => ask('jane'));
  expect(leaves.every((leave) => typeof leave === 'function')).toBe(true);
  const waiting = ask('jane');
  expect(waiting).toBeInstanceOf(Promise);
  // The lender has its own seats at any time.
  for (let i = 0; i < 5; i++) expect(typeof ask('joe')).toBe('function');
  (leaves[0] as () => void)();
  (leaves[1] as () => void)();
  expect(running('tested').executingSeats).toBe(5);
  (leaves[2] as () => void)();
  await waiting;
  expect(running('tested').executingSeats).toBe(5);
});

it('never limits exempt requests, and of long-running ones only the beginning of watches', () => {
  const { limiter, ask } = start(level('tested', 5, { type: 'Reject' }), [schema('s', 'jane', 'tested')]);
  for (let i = 0; i < 50; i++) {
    const admin = limitedRequest('GET', pods, { name: 'admin', groups: ['system:masters'] });
    expect(typeof limiter.enter(admin)).toBe('function');
    expect(typeof ask('jane', 'POST', `${pods}/one/exec`)).toBe('function');
  }
  for (let i = 0; i < 5; i++) expect(typeof ask('jane', 'GET', `${pods}?watch=1`)).toBe('function');
  const refused = ask('jane', 'GET', `${pods}?watch=1`) as Promise<unknown>;
  return expect(refused).rejects.toMatchObject({ code: 429 });
});

it('tells the request its schema and level', () => {
  const { limiter } = start(level('tested', 5, { type: 'Reject' }), [schema('s', 'jane', 'tested')]);
  const request = limitedRequest('GET', pods, user('jane'));
  void limiter.enter(request);
  expect(request.uids).toEqual(['s-uid', 'tested-uid']);
});

it('goes on with the mandatory objects when all others are deleted', () => {
  const { limiter, running } = start(level('tested', 5, { type: 'Reject' }), []);
  limiter.configure([], []);
  expect(
    limiter
      .levels()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['catch-all', 'exempt']);
  expect(typeof limiter.enter(limitedRequest('GET', pods, user('jane')))).toBe('function');
  expect(running('catch-all').executingRequests).toBe(1);
});

it('says which schemas lead nowhere', () => {
  const dangling = schema('s', 'jane', 'missing');
  const condition = planDangling(dangling, new Set(['tested']), 0)!;
  expect(condition).toMatchObject({ type: 'Dangling', status: 'True', reason: 'NotFound' });
  expect(planDangling({ ...dangling, status: { conditions: [condition] } }, new Set(['tested']), 5)).toBeUndefined();
  expect(planDangling({ ...dangling, status: { conditions: [condition] } }, new Set(['missing']), 5_000)).toMatchObject(
    {
      status: 'False',
      reason: 'Found',
      lastTransitionTime: '1970-01-01T00:00:05Z',
    },
  );
});
