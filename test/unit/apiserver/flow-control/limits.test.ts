import { mandatoryLevels, suggestedLevels } from '../../../../apiserver/flow-control/bootstrap';
import { divideSeats, listSeats } from '../../../../apiserver/flow-control/limits';

it('divides the seats by shares, as upstream does with its defaults', () => {
  const seats = divideSeats([...mandatoryLevels, ...suggestedLevels], 600);
  expect([...seats].map(([name, { nominalSeats, lendableSeats }]) => [name, nominalSeats, lendableSeats])).toEqual([
    ['exempt', 0, 0],
    ['catch-all', 13, 0],
    ['system', 74, 24],
    ['node-high', 98, 25],
    ['leader-election', 25, 0],
    ['workload-high', 98, 49],
    ['workload-low', 245, 221],
    ['global-default', 49, 25],
  ]);
});

it.each([
  [0, 0, 100, 1],
  [1, 0, 100, 1],
  [101, 0, 100, 2],
  [5000, 0, 100, 10],
  [5000, 250, 100, 3],
  [5000, 0, 20, 3],
  [5000, 0, 1, 1],
])('takes for a list over %d objects with limit %d in a level of %d seats: %d', (objects, limit, nominal, seats) => {
  expect(listSeats(objects, limit, nominal)).toBe(seats);
});
