/** What a container says of its end: a file it is given, else by policy the end of its log (upstream's getTerminationMessage). */
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ContainerState, ContainerStatus as ApiStatus } from '../../api/core/v1/pod';
import { labels, numberLabel } from '../runtime/labels';
import type { ContainerStatus } from '../runtime/runtime';

const maxFileBytes = 4096;
const maxLogBytes = 2048;
const maxLogLines = 80;
/** Of all containers of a pod together. */
const maxPodBytes = 12 * 1024;

/** Mounted at the container's terminationMessagePath. */
export const terminationLogFile = (podDir: string, container: string, restartCount: number): string =>
  path.join(podDir, 'containers', container, String(restartCount));

/** `readLog` gives the last lines of a log. Rejects as it does. */
export async function terminationMessageOf(
  status: ContainerStatus,
  podDir: string,
  readLog: (lines: number) => Promise<Readable>,
): Promise<string> {
  const name = status.labels[labels.containerName] ?? '';
  const text = await endOfFile(terminationLogFile(podDir, name, numberLabel(status.labels, labels.restartCount)));
  const fallback = status.labels[labels.terminationMessagePolicy] === 'FallbackToLogsOnError';
  if (text || !fallback || status.exitCode === 0) return text;
  let end = Buffer.alloc(0);
  for await (const chunk of (await readLog(maxLogLines)) as AsyncIterable<Buffer>) {
    end = Buffer.concat([end, chunk]).subarray(-maxLogBytes);
  }
  return end.toString();
}

/** The container decides how much is in it. '' without a file. */
async function endOfFile(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return '';
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, maxFileBytes));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Each of the pod's containers has an equal share of what the pod may say. */
export function shortenMessages(status: ApiStatus, containers: number): ApiStatus {
  const maxBytes = Math.floor(maxPodBytes / containers);
  const shorten = (state: ContainerState): ContainerState => {
    const { terminated } = state;
    const bytes = Buffer.from(terminated?.message ?? '');
    if (!terminated || bytes.length <= maxBytes) return state;
    return { terminated: { ...terminated, message: wholeCharacters(bytes.subarray(0, maxBytes)) } };
  };
  return {
    ...status,
    ...(status.state && { state: shorten(status.state) }),
    ...(status.lastState && { lastState: shorten(status.lastState) }),
  };
}

/** Without the first bytes of a character whose last ones were cut off. */
const wholeCharacters = (bytes: Buffer): string => new StringDecoder('utf8').write(bytes);
