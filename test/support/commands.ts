/** Runs the project's own commands and kubectl, as a user would. */
import { join, resolve } from 'node:path';
import { type CommandOptions, type CommandResult, run } from '../../component-base/run-command';

export const projectRoot = resolve(__dirname, '../..');

/** `kubectl` on the PATH, and the other versions that this machine has beside it, by minor version. */
export const kubectlOf = (minor?: string): string =>
  minor ? `/usr/lib/google-cloud-sdk/bin/kubectl.${minor}` : 'kubectl';

/** Runs a compiled file of the project in a process of its own. */
export const runCompiled = (path: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> =>
  run(process.execPath, [join(projectRoot, 'dist', path), ...args], options);
