/** `/debug/api_priority_and_fairness/dump_*`: what the levels and queues hold now, as tables of text. Upstream: `apf_controller_debug.go`. */
import type { Express } from 'express';
import { type RouteSet, sendText } from '../endpoints/non-resource';
import type { PriorityLevel } from './priority-level';

const root = '/debug/api_priority_and_fairness';

const table = (head: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string =>
  [head, ...rows]
    .map((row) =>
      row
        .map((cell) => `${String(cell)},`.padEnd(24))
        .join(' ')
        .trimEnd(),
    )
    .join('\n') + '\n';

export function createDumpRoutes(levels: () => readonly PriorityLevel[]): RouteSet {
  const dumps: Record<string, () => string> = {
    dump_priority_levels: () =>
      table(
        [
          'PriorityLevelName',
          'ActiveQueues',
          'IsIdle',
          'IsQuiescing',
          'WaitingRequests',
          'ExecutingRequests',
          'ExecutingSeats',
          'NominalSeats',
        ],
        levels().map((level) => [
          level.name,
          level.queueStates.filter(({ waiting }) => waiting.length).length,
          !level.waitingRequests && !level.executingRequests,
          false,
          level.waitingRequests,
          level.executingRequests,
          level.executingSeats,
          level.limits.nominalSeats,
        ]),
      ),
    dump_queues: () =>
      table(
        ['PriorityLevelName', 'Index', 'PendingRequests', 'VirtualStart'],
        levels().flatMap((level) =>
          level.queueStates.map(({ index, waiting, served }) => [level.name, index, waiting.length, served.toFixed(4)]),
        ),
      ),
    dump_requests: () =>
      table(
        ['PriorityLevelName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistinguisher', 'ArriveTime', 'InitialSeats'],
        levels().flatMap((level) =>
          level.queueStates.flatMap(({ index, waiting }) =>
            waiting.map(({ flow, arrivedMs, seats }, at) => [
              level.name,
              index,
              at,
              flow,
              new Date(arrivedMs).toISOString(),
              seats,
            ]),
          ),
        ),
      ),
  };
  return {
    paths: () => Object.keys(dumps).map((name) => `${root}/${name}`),
    mount(app: Express) {
      for (const [name, dump] of Object.entries(dumps)) {
        app.get(`${root}/${name}`, (_request, response) => sendText(response, 200, dump()));
      }
    },
  };
}
