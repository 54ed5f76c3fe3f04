import { RecentNames } from '../../../../apiserver/admission/recent-names';
import { createFakeClock } from '../../../support/fake-clock';

it('remembers a name for a while after it was added last', async () => {
  const clock = createFakeClock();
  const names = new RecentNames(clock, 30_000);
  names.add('a');
  await clock.advance(20_000);
  names.add('a');
  await clock.advance(30_000);
  expect(names.has('a')).toBe(true);
  expect(names.has('b')).toBe(false);
  await clock.advance(1);
  expect(names.has('a')).toBe(false);
});

it('keeps no more than what is recent, whatever was added before', async () => {
  const clock = createFakeClock();
  const names = new RecentNames(clock, 30_000);
  for (let index = 0; index < 1_000; index++) {
    names.add(`namespace-${index}`);
    await clock.advance(1_000);
  }
  expect(names.size).toBeLessThanOrEqual(31);
  expect(names.has('namespace-999')).toBe(true);
});
