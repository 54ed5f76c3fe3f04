/** `npm test`: the checks, then unit, integration and e2e tests, all of them, in that order. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './support/commands';

/** Runs one of the project's tools and gives whether it succeeded. */
function runTool(script: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(projectRoot, 'node_modules', script), ...args], {
      cwd: projectRoot,
      stdio: 'inherit',
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** What the servers of the tests do beside them takes the rest. */
const workers = Math.max(2, Math.floor(availableParallelism() * 0.75));

async function main(args: string[]): Promise<void> {
  const jest = 'jest/bin/jest.js';
  if (args.length) {
    process.exit((await runTool(jest, ...args)) ? 0 : 1);
  }
  const results = [
    await runTool('oxlint/bin/oxlint', '--type-aware'),
    await runTool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
    await runTool(jest, '--selectProjects', 'unit', 'integration', '--maxWorkers', String(workers)),
    await runTool(jest, '--selectProjects', 'e2e', '--maxWorkers', '3'),
  ];
  process.exit(results.every(Boolean) ? 0 : 1);
}

void main(process.argv.slice(2));
