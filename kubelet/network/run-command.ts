/** Runs a program of the host (ip, iptables, a CNI plugin) and gives its output. */
import { spawn } from 'node:child_process';

export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly command: string,
    readonly exitCode: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {
    super(`${command}: ${stderr.trim() || stdout.trim() || `exit status ${String(exitCode)}`}`);
  }
}

export interface CommandOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** Resolves with stdout; rejects with CommandError on another exit code than 0. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new CommandError([command, ...args].join(' '), code, stdout, stderr));
    });
    // A program that does not read its input must not fail us.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
