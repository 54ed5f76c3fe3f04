/** One command at a time changes a cluster's state on this host: two would each make a CA, and start what the other stops. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from './cluster';
import { SetupError } from './setup-error';
import { takeLock } from './supervisor/process-identity';

/** Does the work while no other command can. The lock of a command that was killed does not count. Throws SetupError. */
export async function withSetupLock<T>(layout: Pick<Layout, 'root'>, work: () => Promise<T>): Promise<T> {
  const path = join(layout.root, 'setup.lock');
  const holder = await takeLock(path);
  if (holder) {
    throw new SetupError(`Another command (pid ${holder.pid}) is at work on this cluster.`, {
      remedy: 'Run this again when it has ended.',
    });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
