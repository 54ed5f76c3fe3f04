/** Runs the project's own commands and kubectl, as a user would. */
import { basename, dirname, join, resolve } from 'node:path';
import { type CommandOptions, type CommandResult, run } from '../../component-base/run-command';

const here = resolve(__dirname, '../..');
/** Benchmarks run compiled themselves, from the folder that also has what they start. */
const isCompiled = basename(here).startsWith('dist');
export const projectRoot = isCompiled ? dirname(here) : here;
const compiledFolder = isCompiled ? here : join(here, 'dist');

/** Where the compiler put a file of the project. */
export const compiledFile = (path: string): string => join(compiledFolder, path);

/** `kubectl` on the PATH, and the other versions that this machine has beside it, by minor version. */
export const kubectlOf = (minor?: string): string =>
  minor ? `/usr/lib/google-cloud-sdk/bin/kubectl.${minor}` : 'kubectl';

/** Runs a compiled file of the project in a process of its own. */
export const runCompiled = (path: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> =>
  run(process.execPath, [compiledFile(path), ...args], options);
