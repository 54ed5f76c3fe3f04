/** Starts load generators and talks to them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RequestJob, RequestReport, WatchJob, WatchReport } from './job';

const start = (): ChildProcess => fork(join(__dirname, 'load.js'), { execArgv: [] });

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('a load generator ended');
    }),
  ])) as [T];
  return message;
}

/** Shares the requests of a job among `processes`. */
export async function runRequests(job: RequestJob, processes = 1): Promise<RequestReport> {
  const children = Array.from({ length: processes }, start);
  const total = Math.ceil(job.total / processes);
  const reports = await Promise.all(
    children.map((child, index) => {
      child.send({ ...job, total, inFlight: job.inFlight / processes, first: job.first + index * total });
      return answerOf<RequestReport>(child);
    }),
  );
  for (const child of children) child.disconnect();
  return {
    latencies: reports.flatMap(({ latencies }) => latencies),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    startedAt: Math.min(...reports.map(({ startedAt }) => startedAt)),
    endedAt: Math.max(...reports.map(({ endedAt }) => endedAt)),
  };
}

export interface RunningWatches {
  report(): Promise<WatchReport>;
  stop(): void;
}

/** Resolves once all watches have begun. */
export async function openWatches(job: WatchJob, processes = 2): Promise<RunningWatches> {
  const children = Array.from({ length: processes }, start);
  await Promise.all(
    children.map((child) => {
      child.send({ ...job, connections: job.connections / processes });
      return answerOf(child);
    }),
  );
  return {
    async report() {
      const reports = await Promise.all(
        children.map((child) => {
          child.send('report');
          return answerOf<WatchReport>(child);
        }),
      );
      return {
        events: reports.reduce((sum, { events }) => sum + events, 0),
        latencies: reports.flatMap(({ latencies }) => latencies),
        lastAt: Math.max(...reports.map(({ lastAt }) => lastAt)),
        closed: reports.reduce((sum, { closed }) => sum + closed, 0),
      };
    },
    stop: () => children.forEach((child) => child.disconnect()),
  };
}
