/** What the kubectl at hand can do: Debian's is 1.20, which is enough for a user but lacks some of what tests use. */
import { execFileSync } from 'node:child_process';
import { type CommandOptions, type CommandResult, run } from '../../component-base/run-command';
import { kubectlOf } from './commands';
import { until } from './until';

let known: number | undefined;

/** 32 for kubectl 1.32. */
export function kubectlMinor(): number {
  known ??= Number(
    /"minor":\s*"(\d+)/.exec(execFileSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' }))?.[1],
  );
  return known;
}

/** `it`, or a skip that says why when the kubectl at hand is older than 1.`minor`. */
export function itSince(minor: number, what: string): jest.It {
  if (kubectlMinor() >= minor) return it;
  process.stderr.write(`Skipped: kubectl 1.${kubectlMinor()} has no ${what}, 1.${minor} has.\n`);
  return it.skip;
}

/** Runs kubectl; what tests only use to wait works with an old one too. */
export function runKubectl(
  args: string[],
  version: string | undefined,
  options: CommandOptions,
): Promise<CommandResult> {
  const condition = version || kubectlMinor() >= 23 ? undefined : args.find((arg) => arg.startsWith('--for='));
  if (condition?.startsWith('--for=jsonpath=')) {
    return waitForPath(args, condition.slice('--for=jsonpath='.length), options);
  }
  if (condition === '--for=delete') return waitForDeletion(args, options);
  return run(kubectlOf(version), args, options);
}

/** `kubectl wait --for=jsonpath={.path}=value` by asking again and again. */
async function waitForPath(args: string[], condition: string, options: CommandOptions): Promise<CommandResult> {
  const [, path = '', wanted = ''] = /^(\{[^}]*\})=?(.*)$/.exec(condition) ?? [];
  const timeoutMs = 1000 * Number(/--timeout=(\d+)s/.exec(args.join(' '))?.[1] ?? 30);
  const rest = args.filter((arg) => arg !== 'wait' && !arg.startsWith('--for=') && !arg.startsWith('--timeout='));
  const at = rest.findIndex((arg) => arg.includes('/'));
  const get = [...rest.slice(0, at), 'get', ...rest.slice(at), '-o', `jsonpath=${path}`];
  return until(
    `kubectl ${args.join(' ')}`,
    async () => {
      const result = await run('kubectl', get, options);
      return (wanted ? result.stdout === wanted : result.stdout !== '') && result;
    },
    { timeoutMs, everyMs: 100 },
  );
}

/** What is gone already is no error. */
async function waitForDeletion(args: string[], options: CommandOptions): Promise<CommandResult> {
  const result = await run('kubectl', args, { ...options, allowFailure: true });
  if (result.code === 0 || /no matching resources found|NotFound/.test(result.stderr)) return { ...result, code: 0 };
  throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
}
