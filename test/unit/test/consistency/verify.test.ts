import type {
  History,
  Operation,
  SeenEvent,
  StoredChange,
  Violation,
  WatchSession,
} from '../../../consistency/history';
import { verify } from '../../../consistency/verify';

const put = (revision: number, key: string, more: Partial<StoredChange> = {}): StoredChange => ({
  revision,
  key,
  type: 'put',
  id: `w${revision}`,
  side: 'left',
  ...more,
});

/** a is made, made again, moved to the right and deleted; b and c are counters of other objects. */
const stored: StoredChange[] = [
  put(1, 'a'),
  put(2, 'b', { count: 0 }),
  put(3, 'a'),
  put(4, 'a', { side: 'right' }),
  put(5, 'b', { count: 1 }),
  { revision: 6, key: 'a', type: 'delete' },
  put(7, 'c'),
];

const at = (
  invokedAt: number,
  completedAt = invokedAt + 5,
): Pick<Operation, 'client' | 'invokedAt' | 'completedAt'> => ({
  client: 'one',
  invokedAt,
  completedAt,
});
const write = (revision: number, key: string, more: object = {}): Operation => ({
  kind: 'write',
  verb: 'update',
  key,
  id: `w${revision}`,
  outcome: 'ok',
  revision,
  ...at(revision * 10),
  ...more,
});
const read = (key: string, when: object, found?: { revision: number; id: string }): Operation => ({
  kind: 'read',
  key,
  ...(found && { found }),
  ...(when as ReturnType<typeof at>),
});
const list = (revision: number, when: object, items: [string, number][], more: object = {}): Operation => ({
  kind: 'list',
  cached: false,
  revision,
  items: items.map(([key, itemRevision]) => ({ key, revision: itemRevision, id: `w${itemRevision}` })),
  ...(when as ReturnType<typeof at>),
  ...more,
});
const event = (type: SeenEvent['type'], key: string, revision: number, id = `w${revision}`): SeenEvent => ({
  type,
  key,
  revision,
  id,
});
const watch = (events: SeenEvent[], more: Partial<WatchSession> = {}): WatchSession => ({
  client: 'watcher',
  from: 0,
  events,
  resumptions: 1,
  expired: false,
  ...more,
});
const allEvents: SeenEvent[] = [
  event('ADDED', 'a', 1),
  event('ADDED', 'b', 2),
  event('MODIFIED', 'a', 3),
  event('MODIFIED', 'a', 4),
  event('MODIFIED', 'b', 5),
  event('DELETED', 'a', 6, 'w4'),
  event('ADDED', 'c', 7),
];

const deletion = (more: object = {}): Operation =>
  write(6, 'a', { verb: 'delete', id: '', revision: undefined, ...more });

const honest: History = {
  stored,
  operations: [
    write(1, 'a', { verb: 'create' }),
    write(2, 'b', { verb: 'create' }),
    write(3, 'a'),
    write(5, 'b', { basis: 2 }),
    deletion(),
    write(7, 'c'),
    read('a', at(11, 60), { revision: 3, id: 'w3' }),
    read('a', at(80)),
    list(5, at(50, 62), [
      ['a', 4],
      ['b', 5],
    ]),
    list(
      3,
      at(90),
      [
        ['a', 3],
        ['b', 2],
      ],
      { cached: true },
    ),
  ],
  watches: [
    watch(allEvents, { mustReach: 7 }),
    watch([event('ADDED', 'a', 1), event('ADDED', 'b', 2), event('MODIFIED', 'a', 3), event('DELETED', 'a', 4, 'w3')], {
      side: 'left',
    }),
    watch([event('BOOKMARK', '', 5, ''), event('DELETED', 'a', 6, 'w4')], { from: 4, side: 'right' }),
  ],
};

const rulesOf = (history: History): Violation['rule'][] => [...new Set(verify(history).map(({ rule }) => rule))];
const withOperation = (...operations: Operation[]): History => ({
  ...honest,
  operations: [...honest.operations, ...operations],
});
const withWatch = (session: WatchSession): History => ({ ...honest, watches: [session] });
const without = (index: number): SeenEvent[] => allEvents.filter((_, i) => i !== index);

describe('verify', () => {
  it('finds nothing in an honest history', () => {
    expect(verify(honest)).toEqual([]);
  });

  it.each<[string, Violation['rule'], History]>([
    ['an acknowledged write that is not there', 'lost write', withOperation(write(8, 'd'))],
    [
      'another value in the place of an acknowledged write',
      'lost write',
      withOperation(write(3, 'a', { id: 'other' })),
    ],
    ['an acknowledged deletion that is not there', 'lost write', withOperation(deletion({ key: 'c', ...at(100) }))],
    ['a refused write that is there', 'phantom write', withOperation(write(4, 'a', { outcome: 'failed' }))],
    ['a write that happened twice', 'repeated write', { ...honest, stored: [...stored, put(8, 'd', { id: 'w7' })] }],
    ['a read of what never was', 'phantom write', withOperation(read('a', at(30), { revision: 3, id: 'other' }))],
    [
      'an old value after a newer one was acknowledged',
      'stale read',
      withOperation(read('a', at(36), { revision: 1, id: 'w1' })),
    ],
    ['a deleted object after its deletion', 'stale read', withOperation(read('a', at(70), { revision: 4, id: 'w4' }))],
    ['a missing object after its creation', 'stale read', withOperation(read('b', at(40)))],
    [
      'a value older than another reader has seen',
      'stale read',
      {
        ...honest,
        operations: [read('a', at(200), { revision: 3, id: 'w3' }), read('a', at(210), { revision: 1, id: 'w1' })],
      },
    ],
    ['a value from the future', 'future read', withOperation(read('c', at(60, 62), { revision: 7, id: 'w7' }))],
    [
      'a list of the past',
      'stale list',
      withOperation(
        list(2, at(50), [
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ],
    ['a list without an object', 'torn list', withOperation(list(5, at(50, 62), [['b', 5]]))],
    [
      'a list with an object too many',
      'torn list',
      withOperation(
        list(7, at(90), [
          ['a', 4],
          ['b', 5],
          ['c', 7],
        ]),
      ),
    ],
    [
      'a list of two revisions',
      'torn list',
      withOperation(
        list(5, at(50, 62), [
          ['a', 3],
          ['b', 5],
        ]),
      ),
    ],
    ['a write over an unseen one', 'lost update', withOperation(write(5, 'b', { basis: 1 }))],
    ['a counter that jumps', 'lost update', { ...honest, stored: [...stored, put(8, 'b', { count: 3 })] }],
    ['a counter that stands still', 'lost update', { ...honest, stored: [...stored, put(8, 'b', { count: 1 })] }],
    ['a dropped event', 'event dropped', withWatch(watch(without(2)))],
    ['an event dropped before a bookmark', 'event dropped', withWatch(watch([event('BOOKMARK', '', 7)], { from: 6 }))],
    [
      'a duplicated event',
      'event duplicated',
      withWatch(watch([...allEvents.slice(0, 3), allEvents[2]!, ...allEvents.slice(3)])),
    ],
    ['reordered events', 'event reordered', withWatch(watch([allEvents[1]!, allEvents[0]!, ...allEvents.slice(2)]))],
    [
      'an event before a bookmark that promised it',
      'event reordered',
      withWatch(watch([event('BOOKMARK', '', 7), event('ADDED', 'c', 7)], { from: 6 })),
    ],
    ['an event of the wrong type', 'event wrong', withWatch(watch([event('MODIFIED', 'a', 1), ...allEvents.slice(1)]))],
    [
      'an event with another state',
      'event wrong',
      withWatch(watch([event('ADDED', 'a', 1, 'w3'), ...allEvents.slice(1)])),
    ],
    [
      'an object that left the selector unnoticed',
      'event dropped',
      withWatch(watch([event('MODIFIED', 'a', 3), event('BOOKMARK', '', 5)], { from: 2, side: 'left' })),
    ],
    [
      'a change of an object that left the selector',
      'event wrong',
      withWatch(watch([event('MODIFIED', 'a', 4)], { from: 3, side: 'left' })),
    ],
    ['a watch that stopped short', 'watch behind', withWatch(watch(allEvents.slice(0, 5), { mustReach: 7 }))],
    [
      'discarded history that is still served',
      'not expired',
      withOperation({ kind: 'probe', what: 'x', code: 200, ...at(90) }),
    ],
    [
      'a slow watcher that is kept',
      'slow watcher',
      { ...honest, slow: { cut: false, othersReceived: 1, othersExpected: 1 } },
    ],
    [
      'a slow watcher that costs another its events',
      'slow watcher',
      { ...honest, slow: { cut: true, othersReceived: 1, othersExpected: 2 } },
    ],
  ])('catches %s', (_what, rule, history) => {
    expect(rulesOf(history)).toContain(rule);
  });

  it('holds nothing against a server for what nobody was told', () => {
    const unknown = { outcome: 'unknown', revision: undefined };
    const history = withOperation(write(4, 'a', unknown), write(8, 'd', unknown), deletion({ ...unknown, ...at(300) }));
    expect(verify(history)).toEqual([]);
  });

  it('accepts what concurrent requests may see', () => {
    const during = at(25, 75);
    const history = withOperation(
      read('a', during, { revision: 1, id: 'w1' }),
      read('a', during, { revision: 4, id: 'w4' }),
      read('a', during),
    );
    expect(verify(history)).toEqual([]);
  });
});
