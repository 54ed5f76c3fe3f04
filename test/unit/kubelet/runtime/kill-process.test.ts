import { spawn } from 'node:child_process';
import { killProcess } from '../../../../kubelet/runtime/kill-process';

it("leaves a process alone that is not the container's, and one that has ended", async () => {
  const other = spawn('sleep', ['60']);
  const ended = new Promise((resolve) => other.once('exit', (_code, signal) => resolve(signal)));
  const pid = other.pid ?? 0;
  expect(killProcess(pid, 'f'.repeat(64))).toBe(false);
  other.kill('SIGTERM');
  await expect(ended).resolves.toBe('SIGTERM');
  expect(killProcess(pid, 'f'.repeat(64))).toBe(false);
});
