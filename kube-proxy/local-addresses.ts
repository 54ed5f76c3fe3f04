/** This host's IPv4 addresses, followed as the kernel announces changes: UDP node ports need a socket on each. */
import { spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import type { Logger } from '../component-base/logger';

/** Loopback included. */
export const localAddresses = (): string[] => [
  ...new Set(
    Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .filter(({ family }) => family === 'IPv4')
      .map(({ address }) => address),
  ),
];

const settleMs = 50;
const restartMs = 5000;

/** Calls back after each change, until the signal aborts. */
export function followLocalAddresses(onChange: () => void, log: Logger, signal: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    if (signal.aborted) return;
    const monitor = spawn('ip', ['-4', 'monitor', 'address'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const stop = (): void => void monitor.kill();
    signal.addEventListener('abort', stop, { once: true });
    monitor.stdout.on('data', () => {
      clearTimeout(timer);
      timer = setTimeout(onChange, settleMs);
    });
    monitor.on('error', (error) => log.warn({ err: error }, 'Cannot follow address changes'));
    monitor.on('close', () => {
      signal.removeEventListener('abort', stop);
      // What changed while nobody listened is seen by looking once more.
      setTimeout(() => {
        onChange();
        start();
      }, restartMs).unref();
    });
  };
  start();
}
