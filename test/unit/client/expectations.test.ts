import { createExpectations } from '../../../client/expectations';
import { createFakeClock } from '../../support/fake-clock';

describe('expectations', () => {
  it('waits for every creation', () => {
    const expectations = createExpectations(createFakeClock());
    expect(expectations.satisfied('rs')).toBe(true);
    expectations.expectCreations('rs', 2);
    expectations.creationObserved('rs');
    expect(expectations.satisfied('rs')).toBe(false);
    expectations.creationObserved('rs');
    expect(expectations.satisfied('rs')).toBe(true);
  });

  it('counts a deletion once, by its key', () => {
    const expectations = createExpectations(createFakeClock());
    expectations.expectDeletions('rs', ['a', 'b']);
    expectations.deletionObserved('rs', 'a');
    expectations.deletionObserved('rs', 'a');
    expect(expectations.satisfied('rs')).toBe(false);
    expectations.deletionObserved('rs', 'b');
    expect(expectations.satisfied('rs')).toBe(true);
  });

  it('gives up after five minutes', async () => {
    const clock = createFakeClock();
    const expectations = createExpectations(clock);
    expectations.expectCreations('rs', 1);
    await clock.advance(300_001);
    expect(expectations.satisfied('rs')).toBe(true);
  });
});
