/** How the server's seats are divided among priority levels. Pure. Upstream: `util/flowcontrol/apf_controller.go`. */
import type { PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types';
import type { PriorityLevelLimits } from './priority-level';

/** The limits of each level by name; `serverSeats` is what the flags allow in flight together. */
export function divideSeats(
  levels: readonly PriorityLevelConfiguration[],
  serverSeats: number,
): Map<string, PriorityLevelLimits> {
  const sharesOf = ({ spec }: PriorityLevelConfiguration): number =>
    spec?.limited?.nominalConcurrencyShares ?? spec?.exempt?.nominalConcurrencyShares ?? 0;
  const allShares = levels.reduce((sum, level) => sum + sharesOf(level), 0);
  return new Map(
    levels.map((level) => {
      const { type, limited, exempt } = level.spec ?? {};
      const nominalSeats = allShares ? Math.ceil((serverSeats * sharesOf(level)) / allShares) : 0;
      const lendablePercent = limited?.lendablePercent ?? exempt?.lendablePercent ?? 0;
      const borrowing = limited?.borrowingLimitPercent;
      const queuing = limited?.limitResponse?.queuing;
      return [
        level.metadata?.name ?? '',
        {
          exempt: type === 'Exempt',
          nominalSeats,
          lendableSeats: Math.round((nominalSeats * lendablePercent) / 100),
          upperSeats:
            borrowing === undefined ? serverSeats : nominalSeats + Math.round((nominalSeats * borrowing) / 100),
          ...(queuing && {
            queuing: {
              queues: queuing.queues ?? 64,
              handSize: queuing.handSize ?? 8,
              queueLengthLimit: queuing.queueLengthLimit ?? 50,
            },
          }),
        },
      ];
    }),
  );
}

/** Upstream's estimates for lists: a seat for every hundred objects that may be looked at, and ten at most. */
const objectsPerSeat = 100;
const maxSeats = 10;
/** No request takes more than this share of a level. */
const maxShareOfLevel = 0.15;

/** The seats of a list over `objects` stored ones, of which `limit` are wanted (0: all). */
export function listSeats(objects: number, limit: number, nominalSeats: number): number {
  const looked = limit > 0 ? Math.min(limit, objects) : objects;
  const most = Math.max(1, Math.min(maxSeats, Math.floor(nominalSeats * maxShareOfLevel)));
  return Math.min(most, Math.max(1, Math.ceil(looked / objectsPerSeat)));
}
