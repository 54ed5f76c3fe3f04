/** The load generator: a process of its own that is told by messages what to send, and answers with what it saw. */
import { nowMs, type RequestJob, type RequestReport, type WatchJob } from './job';
import { openSocket, RawConnection, requestBytes } from './raw-connection';
import { followWatches } from './watch-load';

async function sendRequests(job: RequestJob): Promise<RequestReport> {
  const connections = await Promise.all(
    Array.from({ length: job.inFlight }, async () => new RawConnection(await openSocket(job.target))),
  );
  const fill = (text: string, i: number): string =>
    text.replaceAll('{i}', String(i)).replaceAll('{now}', nowMs().toFixed(3));
  const fixed = job.path.includes('{i}') || job.body ? undefined : requestBytes(job.method, job.path);
  const bytesOf = (i: number): Buffer =>
    fixed ?? requestBytes(job.method, fill(job.path, i), job.body && fill(job.body, i), job.contentType);
  const latencies: number[] = [];
  let failed = 0;
  let next = 0;
  const startedAt = nowMs();
  await Promise.all(
    connections.map(async (connection) => {
      while (next < job.total) {
        const turn = next++;
        const dueInMs = job.perSecond ? startedAt + (turn * 1000) / job.perSecond - nowMs() : 0;
        if (dueInMs > 0) await new Promise((resolve) => setTimeout(resolve, dueInMs));
        const bytes = bytesOf((job.first + turn) % job.modulo);
        const began = performance.now();
        const status = await connection.send(bytes);
        latencies.push(performance.now() - began);
        if (status < 200 || status >= 300) failed++;
      }
    }),
  );
  const endedAt = nowMs();
  for (const connection of connections) connection.close();
  return { latencies, failed, startedAt, endedAt };
}

process.on('message', (job: RequestJob | WatchJob | 'report') => {
  if (job === 'report') return;
  const answer = (message: unknown): void => void process.send!(message);
  if (job.kind === 'requests') void sendRequests(job).then(answer);
  else void followWatches(job).then((report) => (process.on('message', () => answer(report())), answer('opened')));
});
process.on('disconnect', () => process.exit(0));
