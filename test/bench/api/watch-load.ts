/** Many watches in one process: counts their events, and of some how late they are. */
import { nowMs, type WatchJob, type WatchReport } from './job';
import { openSocket, requestBytes } from './raw-connection';

const newline = 0x0a;
const mark = '"sent-at":"';

/** Resolves once every watch has begun, with what gives and resets the counts. */
export async function followWatches({ target, connections, path }: WatchJob): Promise<() => WatchReport> {
  let report: WatchReport = { events: 0, latencies: [], lastAt: 0, closed: 0 };
  const open = async (index: number): Promise<void> => {
    const socket = await openSocket(target);
    socket.on('error', () => undefined);
    socket.on('close', () => report.closed++);
    const began = new Promise((resolve) => socket.once('data', resolve));
    socket.write(requestBytes('GET', path));
    await began;
    socket.on('data', (chunk: Buffer) => {
      report.lastAt = nowMs();
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) {
        // Lines of the chunked encoding end with CR LF.
        if (chunk[at - 1] !== 0x0d) report.events++;
      }
      if (index % 10 === 0) measureLateness(chunk, report.lastAt);
    });
  };
  const measureLateness = (chunk: Buffer, now: number): void => {
    for (let at = chunk.indexOf(mark); at >= 0; at = chunk.indexOf(mark, at + mark.length)) {
      const start = at + mark.length;
      const sentAt = Number(chunk.toString('latin1', start, chunk.indexOf('"', start)));
      if (sentAt > 0) report.latencies.push(now - sentAt);
    }
  };
  const batch = 50;
  for (let first = 0; first < connections; first += batch) {
    const size = Math.min(batch, connections - first);
    await Promise.all(Array.from({ length: size }, (_, i) => open(first + i)));
  }
  return () => {
    const result = report;
    report = { events: 0, latencies: [], lastAt: 0, closed: 0 };
    return result;
  };
}
