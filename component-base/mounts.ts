/** Mounts below a folder: found in /proc, so that nothing needs to be remembered. */
import { readFile } from 'node:fs/promises';
import { run } from './run-command';
import { sharedNext } from './shared-next';

/** Every container has a few: to read them all costs the kernel and us a millisecond. */
const mountPoints = sharedNext(async (): Promise<string[]> => {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(parseInt(octal, 8)),
      ),
    );
});

export async function mountsBelow(folder: string): Promise<string[]> {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return (await mountPoints()).filter((target) => target === folder || target.startsWith(prefix));
}

/** The innermost first; the folder itself may be a disk of its own. Gives what would not go. */
export async function unmountBelow(folder: string): Promise<string[]> {
  const inside = async (): Promise<string[]> => (await mountsBelow(folder)).filter((target) => target !== folder);
  const targets = (await inside()).sort((a, b) => b.length - a.length);
  if (targets.length === 0) return [];
  for (const target of targets) await run('umount', [target]).catch(() => run('umount', ['-l', target]));
  return inside();
}

export async function mountTmpfs(target: string, sizeBytes: number | undefined): Promise<void> {
  const options = sizeBytes ? ['-o', `size=${sizeBytes}`] : [];
  await run('mount', ['-t', 'tmpfs', ...options, 'tmpfs', target]);
}
