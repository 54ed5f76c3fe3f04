/**
 * API priority and fairness: each request belongs to a flow of a FlowSchema, which has its place in a priority level. It is served
 * at once while its level has seats, else it waits in a queue of its flow or is refused. Upstream: `util/flowcontrol` and
 * `server/filters/priority-and-fairness.go`.
 */
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types';
import { newTooManyRequests } from '../../api/meta/status-error';
import type { Clock } from '../../component-base/clock';
import type { RequestInfo } from '../request-context';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from './bootstrap';
import type { FlowMetrics } from './flow-metrics';
import { isLongRunning, type Limiter, type LimitedRequest, type Release } from './in-flight';
import { divideSeats, listSeats } from './limits';
import { byPrecedence, distinguisherOf, matchesFlowSchema } from './matching';
import { PriorityLevel, RequestRejected, type WaitingRequest } from './priority-level';
import { hashFlow } from './shuffle-shard';

export interface FairnessOptions {
  /** --max-requests-inflight and --max-mutating-requests-inflight together. */
  serverSeats: number;
  /** How long a request may wait. Upstream: a quarter of --request-timeout. */
  maxWaitMs: number;
  clock: Clock;
  metrics: FlowMetrics;
  /** How many objects of a resource are stored: what a list costs. */
  countOf(info: RequestInfo): number;
}

/** A schema with the level it leads to. */
interface Flow {
  schema: FlowSchema;
  name: string;
  level: PriorityLevel;
  levelUid: string;
  schemaUid: string;
}

export interface FairLimiter extends Limiter {
  /** Takes over the objects of the cluster. What is mandatory is there in any case. */
  configure(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void;
  levels(): readonly PriorityLevel[];
}

const passed: Release = () => {};

export function createPriorityAndFairness(options: FairnessOptions): FairLimiter {
  const { clock, metrics, maxWaitMs } = options;
  const levels = new Map<string, PriorityLevel>();
  let flows: Flow[] = [];
  let waiting = 0;

  /** Free seats that others would lend, less what is lent already. */
  const borrowable = (borrower: PriorityLevel): number => {
    let free = 0;
    for (const level of levels.values()) {
      const { exempt, nominalSeats, lendableSeats } = level.limits;
      if (exempt) continue;
      const borrowed = Math.max(0, level.executingSeats - nominalSeats);
      free -= borrowed;
      if (level !== borrower) free += Math.min(lendableSeats, Math.max(0, nominalSeats - level.executingSeats));
    }
    return free;
  };
  const release = (level: PriorityLevel, seats: number): void => {
    level.leave(seats);
    if (!waiting) return;
    // The seats may be those that another level wanted to borrow.
    for (const other of levels.values()) if (other.waitingRequests) other.dispatch();
  };

  const configure: FairLimiter['configure'] = (schemas, configurations) => {
    const known = withMandatory(configurations, mandatoryLevels);
    const limits = divideSeats(known, options.serverSeats);
    for (const [name, limit] of limits) {
      const level = levels.get(name);
      if (level) level.configure(limit);
      else levels.set(name, new PriorityLevel(name, limit, { now: () => clock.now(), borrowable }));
    }
    for (const [name, level] of levels) {
      // What runs or waits in a level that is gone ends there.
      if (!limits.has(name) && !level.waitingRequests && !level.executingRequests) levels.delete(name);
    }
    const uids = new Map(known.map(({ metadata }) => [metadata?.name ?? '', metadata?.uid ?? '']));
    flows = withMandatory(schemas, mandatorySchemas)
      .sort(byPrecedence)
      .flatMap((schema) => {
        const levelName = schema.spec?.priorityLevelConfiguration.name ?? '';
        const level = limits.has(levelName) ? levels.get(levelName) : undefined;
        const { name = '', uid: schemaUid = '' } = schema.metadata ?? {};
        return level ? [{ schema, name, level, levelUid: uids.get(levelName) ?? '', schemaUid }] : [];
      });
  };

  const seatsOf = ({ info, query }: LimitedRequest, level: PriorityLevel): number => {
    const lists = info.verb === 'list' || (info.verb === 'watch' && query.get('sendInitialEvents') === 'true');
    if (!lists || !info.isResourceRequest || level.limits.exempt) return 1;
    return listSeats(options.countOf(info), Number(query.get('limit')) || 0, level.limits.nominalSeats);
  };

  /** Waits in the queue of its flow. Rejects with 429. */
  const wait = (flow: Flow, request: LimitedRequest, seats: number): Promise<Release> =>
    new Promise((resolve, reject) => {
      const { level } = flow;
      const distinguisher = distinguisherOf(flow.schema, request.user, request.info);
      const refuse = (reason: RequestRejected['reason']): void => {
        metrics.rejected(flow.name, level.name, reason);
        reject(newTooManyRequests('Too many requests, please try again later.', 1));
      };
      let entry: WaitingRequest;
      try {
        entry = level.enqueue(distinguisher, hashFlow(flow.name, distinguisher), seats, go);
      } catch (error) {
        if (!(error instanceof RequestRejected)) throw error;
        return refuse(error.reason);
      }
      waiting++;
      const stopWaiting = (): void => {
        waiting--;
        cancelTimer();
        request.response.off('close', gone);
      };
      const giveUp = (reason: RequestRejected['reason']): void => {
        if (!level.withdraw(entry)) return;
        stopWaiting();
        metrics.waited(flow.name, level.name, false, clock.now() - entry.arrivedMs);
        refuse(reason);
      };
      const gone = (): void => giveUp('cancelled');
      const cancelTimer = clock.after(maxWaitMs, () => giveUp('time-out'));
      request.response.on('close', gone);
      // Seats that could be borrowed are looked for at once.
      level.dispatch();

      function go(): void {
        stopWaiting();
        const startedMs = clock.now();
        metrics.waited(flow.name, level.name, true, startedMs - entry.arrivedMs);
        metrics.dispatched(flow.name, level.name);
        resolve(() => {
          level.settle(entry, clock.now() - startedMs);
          release(level, seats);
        });
      }
    });

  configure(suggestedSchemas, suggestedLevels);
  return {
    enter(request) {
      const { info, user } = request;
      // Of what lasts long, only a watch's beginning is limited.
      if (isLongRunning(info) && info.verb !== 'watch') return passed;
      const flow = flows.find(({ schema }) => matchesFlowSchema(schema, user, info));
      if (!flow) return passed;
      request.classified(flow.schemaUid, flow.levelUid);
      const { level } = flow;
      const seats = seatsOf(request, level);
      if (!level.tryEnter(seats)) return wait(flow, request, seats);
      metrics.dispatched(flow.name, level.name);
      return () => release(level, seats);
    },
    configure,
    levels: () => [...levels.values()],
  };
}

/** The mandatory objects count as they were made, with the uid they have in the cluster. */
function withMandatory<T extends FlowSchema | PriorityLevelConfiguration>(
  objects: readonly T[],
  mandatory: readonly T[],
): T[] {
  const byName = new Map(objects.map((object) => [object.metadata?.name, object]));
  for (const object of mandatory) {
    const { name } = object.metadata ?? {};
    byName.set(name, { ...object, metadata: { ...object.metadata, uid: byName.get(name)?.metadata?.uid } });
  }
  return [...byName.values()];
}
