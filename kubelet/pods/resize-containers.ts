/** Gives running containers other resources: upstream's doPodResizeAction. */
import { readFile } from 'node:fs/promises';
import type { Runtime } from '../runtime/runtime';
import { cgroupPaths, readCgroupUsage } from '../stats/cgroup-files';
import type { ContainerUpdate } from './plan-resizes';
import type { PodCache } from './pod-cache';

export interface ResizeDeps {
  runtime: Runtime;
  cache: PodCache;
}

/** Stops at the first update that fails. Throws before any of them when a memory limit would be below what is used. */
export async function resizeContainers(deps: ResizeDeps, updates: readonly ContainerUpdate[]): Promise<void> {
  const refused = await Promise.all(
    updates
      .filter(({ resource, decreases }) => resource === 'memory' && decreases)
      .map((update) => refuseBelowUsage(deps, update)),
  );
  const problems = refused.filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
    throw new Error(`cannot decrease memory limits: ${list}`);
  }
  for (const { containerId, resources } of updates) {
    await deps.runtime.updateContainer(containerId, resources);
    await deps.cache.refresh(containerId);
  }
}

async function refuseBelowUsage({ cache }: ResizeDeps, update: ContainerUpdate): Promise<string | undefined> {
  const pid = cache.container(update.containerId)?.pid;
  const paths = pid && cgroupPaths(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
  const usage = paths ? await readCgroupUsage(paths).catch(() => undefined) : undefined;
  const limit = update.resources.memoryBytes ?? 0;
  if (!usage || usage.memoryUsageBytes < limit) return undefined;
  const what = `container ${JSON.stringify(update.container)} memory limit (${limit})`;
  return `attempting to set ${what} below current usage (${usage.memoryUsageBytes})`;
}
