/** Starts the supervisor (under systemd where that runs) and speaks to it. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildId } from '../build-id';
import type { Layout } from '../cluster';
import { run } from '../../component-base/run-command';
import { SetupError } from '../setup-error';
import { type ProcessIdentity, readRecord, sendSignal, untilGone } from './process-identity';
import type { ProcessStatus } from './supervised-process';

const mainScript = join(__dirname, 'main.js');

const hasSystemd = (): boolean => existsSync('/run/systemd/system');
const unitOf = (clusterName: string): string => `kubelab-${clusterName}.service`;

/** The unit starts at boot. Its processes are not killed with the supervisor: the next one adopts them. */
const unitText = (clusterName: string, layout: Layout): string => `[Unit]
Description=kubelab cluster ${clusterName}
Wants=network-online.target docker.service
After=network-online.target docker.service

[Service]
ExecStart=${process.execPath} ${mainScript} ${layout.root}
Environment=PATH=${process.env.PATH}
KillMode=process
Restart=always
RestartSec=1
TimeoutStopSec=60
StandardOutput=append:${join(layout.logs, 'supervisor.log')}
StandardError=inherit

[Install]
WantedBy=multi-user.target
`;

const lockOf = (layout: Layout): string => join(layout.run, 'supervisor.lock');

/** The running supervisor of the cluster, if there is one. */
export const findSupervisor = (layout: Layout): Promise<(ProcessIdentity & { build?: string }) | undefined> =>
  readRecord(lockOf(layout));

/** Sends a command and gives its result. Throws when the supervisor does not answer. */
export function command<T = null>(layout: Layout, name: 'status' | 'reload' | 'stop'): Promise<T> {
  return new Promise((resolve, reject) => {
    const connection = connect(join(layout.run, 'supervisor.sock'), () => connection.write(`${name}\n`));
    let text = '';
    connection.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    connection.on('error', reject);
    connection.on('close', () => {
      if (!text) return reject(new Error(`the supervisor did not answer "${name}"`));
      const answer = JSON.parse(text) as { result: T; error?: string };
      if (answer.error) reject(new Error(answer.error));
      else resolve(answer.result);
    });
  });
}

export const status = (layout: Layout): Promise<ProcessStatus[]> => command<ProcessStatus[]>(layout, 'status');

/** Starts a supervisor, or has the running one read its list again. One of another build makes room for ours. */
export async function ensureSupervisor(clusterName: string, layout: Layout): Promise<void> {
  const running = await findSupervisor(layout);
  if (running?.build === buildId) {
    await command(layout, 'reload');
    return;
  }
  // Its processes go on, and ours takes them over.
  if (running) {
    sendSignal('SIGKILL', running);
    await untilGone(running, 5);
  }
  if (hasSystemd()) {
    await writeFile(`/etc/systemd/system/${unitOf(clusterName)}`, unitText(clusterName, layout));
    await run('systemctl', ['daemon-reload']);
    await run('systemctl', ['enable', '--now', unitOf(clusterName)]);
  } else {
    await mkdir(layout.logs, { recursive: true });
    const log = openSync(join(layout.logs, 'supervisor.log'), 'a', 0o600);
    spawn(process.execPath, ['--max-semi-space-size=1', mainScript, layout.root], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
    }).unref();
    closeSync(log);
  }
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 20) {
    if (await status(layout).catch(() => undefined)) {
      // Answered once it has stopped what an older build had left running, and started all.
      await command(layout, 'reload');
      return;
    }
    await sleep(20);
  }
  throw new SetupError('The supervisor did not start.', { remedy: `See ${join(layout.logs, 'supervisor.log')}.` });
}

/** Stops the supervisor with all its processes, and takes it out of the boot sequence. */
export async function stopSupervisor(clusterName: string, layout: Layout): Promise<void> {
  if (await findSupervisor(layout)) await command(layout, 'stop');
  const unit = `/etc/systemd/system/${unitOf(clusterName)}`;
  if (hasSystemd() && existsSync(unit)) {
    await run('systemctl', ['disable', '--now', unitOf(clusterName)], { allowFailure: true });
    await rm(unit, { force: true });
    await run('systemctl', ['daemon-reload']);
  }
}
