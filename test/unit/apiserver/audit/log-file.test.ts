import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupsToRemove, createLogFile } from '../../../../apiserver/audit/log-file';
import { type Clock, systemClock } from '../../../../component-base/clock';
import { createLogger } from '../../../../component-base/logger';
import { createFakeClock } from '../../../support/fake-clock';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const log = createLogger('test');
log.level = 'silent';
const logFile = (
  path: string,
  change: { maxSizeBytes?: number; maxBackups?: number; clock?: Clock; onLost?(count: number): void } = {},
) =>
  createLogFile({
    path,
    maxSizeBytes: 0,
    maxBackups: 0,
    maxAgeMs: 0,
    clock: systemClock,
    log,
    onLost: () => undefined,
    ...change,
  });

it('writes lines in order', async () => {
  const path = join(folder, 'order.log');
  const file = logFile(path);
  for (let i = 0; i < 1000; i++) file.write(() => String(i));
  await file.flush();
  expect(readFileSync(path, 'utf8').trim().split('\n').map(Number)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});

it('begins a new file at the size limit and keeps so many old ones', async () => {
  const path = join(folder, 'rotated.log');
  const clock = createFakeClock();
  const file = logFile(path, { maxSizeBytes: 100, maxBackups: 2, clock });
  for (let i = 0; i < 5; i++) {
    file.write(() => 'x'.repeat(80));
    await file.flush();
    // Backups are named by the millisecond.
    await clock.advance(1);
  }
  const names = readdirSync(folder).filter((name) => name.startsWith('rotated'));
  expect(names).toHaveLength(3);
  expect(names.filter((name) => /^rotated-\d{4}-\d\d-\d\dT[\d-]{8}\.\d{3}\.log$/.test(name))).toHaveLength(2);
  expect(readFileSync(path, 'utf8')).toBe(`${'x'.repeat(80)}\n`);
});

it('drops, and counts, what it cannot hold or write', async () => {
  let lost = 0;
  const file = logFile(join(folder, 'missing', 'audit.log'), { onLost: (count) => (lost += count) });
  for (let i = 0; i < 10_050; i++) file.write(() => '');
  expect(lost).toBe(50);
  await file.flush();
  expect(lost).toBe(10_050);
});

it('removes old files that are too many or too old', () => {
  const names = [
    'audit.log',
    'audit-2024-01-01T00-00-00.000.log',
    'audit-2024-01-03T00-00-00.000.log',
    'audit-2024-01-02T00-00-00.000.log',
    'audit-x.log',
  ];
  const nowMs = Date.parse('2024-01-03T12:00:00Z');
  const options = { stem: 'audit', extension: '.log', nowMs };
  expect(backupsToRemove(names, { ...options, maxBackups: 1, maxAgeMs: 0 })).toEqual([names[3], names[1]]);
  expect(backupsToRemove(names, { ...options, maxBackups: 0, maxAgeMs: 2 * 86_400_000 })).toEqual([names[1]]);
  expect(backupsToRemove(names, { ...options, maxBackups: 0, maxAgeMs: 0 })).toEqual([]);
});
