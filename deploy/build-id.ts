import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Tells one build from another: what was compiled, as the compiler recorded it, and the packages that go with it. */
export function buildIdOf(projectFolder: string): string {
  const hash = createHash('sha1');
  for (const file of ['dist/.tsbuildinfo', 'package-lock.json']) {
    const path = join(projectFolder, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Of the build that this process runs. */
export const buildId = buildIdOf(resolve(__dirname, '../..'));
