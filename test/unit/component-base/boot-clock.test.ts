import { execFileSync } from 'node:child_process';
import { createBootClock } from '../../../component-base/boot-clock';

it('tells every process of this machine the same time', () => {
  const clock = createBootClock();
  const before = clock.now();
  const script = 'process.stdout.write(String(process.hrtime.bigint() / 1000000n))';
  const elsewhere = Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  expect(elsewhere).toBeGreaterThanOrEqual(before);
  expect(elsewhere).toBeLessThanOrEqual(clock.now());
  expect(createBootClock().bootId).toBe(clock.bootId);
});

it('shares its time with nobody where the boot has no id', () => {
  expect(createBootClock('/nonexistent').bootId).not.toBe(createBootClock('/nonexistent').bootId);
});
