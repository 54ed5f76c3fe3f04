import { getEventListeners } from 'node:events';
import { WakeableSleep } from '../../../component-base/wakeable-sleep';
import { createFakeClock } from '../../support/fake-clock';

function setUp() {
  const clock = createFakeClock();
  return { clock, rest: new WakeableSleep(clock), stop: new AbortController() };
}

it('lasts as long as it is told, and leaves nothing on the signal', async () => {
  const { clock, rest, stop } = setUp();
  const slept = rest.sleep(1_000, stop.signal);
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
  await clock.advance(1_000);
  await slept;
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  expect(clock.pending).toBe(0);
});

it('ends when it is woken', async () => {
  const { clock, rest, stop } = setUp();
  const slept = rest.sleep(1_000, stop.signal);
  rest.wake();
  await slept;
  expect(clock.pending).toBe(0);
});

it('ends at once, but only once, when it was woken before it began', async () => {
  const { clock, rest, stop } = setUp();
  rest.wake();
  await rest.sleep(1_000, stop.signal);
  const next = rest.sleep(1_000, stop.signal);
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  await next;
});

it('ends with the signal', async () => {
  const { rest, stop } = setUp();
  const slept = rest.sleep(1_000, stop.signal);
  stop.abort();
  await slept;
  await expect(rest.sleep(1_000, stop.signal)).resolves.toBeUndefined();
});
