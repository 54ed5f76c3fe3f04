/**
 * The container runtime: Docker Engine through its API, whose version dockerode leaves to the engine to negotiate. Only
 * here and in `docker-sessions.ts` does dockerode run. Containers of other clusters and nodes on the same engine are never
 * seen: every list and event is filtered by our labels.
 */
import http from 'node:http';
import type { Readable } from 'node:stream';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { followLogs } from './container-logs';
import { createDockerSessions } from './docker-sessions';
import { jsonLines } from './json-lines';
import { type EngineEvent, followedActions, toEvent, toImage, toStatus, toSummary, toUpdate } from './engine-shapes';
import { killProcess } from './kill-process';
import { labels } from './labels';
import { Limiter } from './limiter';
import { createNetnsDialer } from './netns-dialer';
import { pullImage } from './pull-image';
import { type ContainerConfig, type Runtime, RuntimeError, type RuntimeEvent } from './runtime';

export interface DockerRuntimeOptions {
  /** `unix:///var/run/docker.sock`. */
  endpoint: string;
  clusterId: string;
  nodeName: string;
  clock: Clock;
  log: Logger;
  /** A pull is given up after so long without progress. */
  imagePullProgressDeadlineMs: number;
  /** Creations and starts under way at once. */
  concurrency?: number;
}

interface EngineError extends Error {
  statusCode?: number;
  json?: { message?: string };
}

const answerMs = 15_000;
/** A process in the kernel's hands outlives its SIGKILL for a while. */
const killedMs = 2_000;

/** What dockerode puts in front of the engine's own words. */
const statusPrefix = /^\(HTTP code \d+\) [a-z ]+ - /;

const isMissing = (error: unknown): boolean => error instanceof RuntimeError && error.code === 404;

export function createDockerRuntime(options: DockerRuntimeOptions): Runtime {
  const { clock, log } = options;
  const socketPath = options.endpoint.replace(/^unix:\/\//, '');
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32 });
  // docker-modem formats every request for its debug log, wanted or not; all sockets of the agent took 4 s of CPU for 30 pods.
  Object.defineProperty(agent, inspect.custom, { value: () => 'Agent', enumerable: false });
  // dockerode's own type leaves out docker-modem's `agent`.
  const docker = new Docker({ socketPath, agent } as Docker.DockerOptions);
  // An engine that shuts down no longer accepts connections, but serves those that are open until its containers are dead.
  const freshDocker = new Docker({ socketPath, agent: new http.Agent({ keepAlive: false }) } as Docker.DockerOptions);
  const limiter = new Limiter(options.concurrency ?? 12);
  const own = { [labels.cluster]: options.clusterId, [labels.node]: options.nodeName };
  const ownFilter = Object.entries(own).map(([label, value]) => `${label}=${value}`);
  let oomScoreRefused = false;

  /** Engine errors keep their status code; a refused or broken connection has none. */
  async function call<T>(action: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (cause) {
      const { statusCode, json, message } = cause as EngineError;
      throw new RuntimeError(action, json?.message ?? message.replace(statusPrefix, '').trim(), statusCode, { cause });
    }
  }

  /** For calls whose wish is already fulfilled when the container is gone or stopped (404, 304, 409 not running). */
  async function settle(action: string, allowed: number[], task: () => Promise<unknown>): Promise<void> {
    try {
      await call(action, task);
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code !== undefined && allowed.includes(error.code))) throw error;
    }
  }

  async function createOnce(config: ContainerConfig): Promise<{ id: string; adopted: boolean }> {
    const wanted = { ...config, HostConfig: { ...config.HostConfig }, Labels: { ...config.Labels, ...own } };
    if (oomScoreRefused && (wanted.HostConfig.OomScoreAdj ?? 0) < 0) wanted.HostConfig.OomScoreAdj = 0;
    try {
      const { id } = await call('create container', () => docker.createContainer(wanted));
      return { id, adopted: false };
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code === 409)) throw error;
      const found = await runtime.inspectContainer(config.name);
      const mine = found && Object.entries(own).every(([label, value]) => found.labels[label] === value);
      if (!found || !mine) throw error;
      return { id: found.id, adopted: true };
    }
  }

  const runtime: Runtime = {
    async info() {
      const info = (await call('info', () => inTime(docker.info()))) as Record<string, string>;
      return {
        version: info['ServerVersion'] ?? '',
        rootDir: info['DockerRootDir'] ?? '/var/lib/docker',
        cgroupDriver: info['CgroupDriver'] ?? 'cgroupfs',
      };
    },
    async ping() {
      await call('ping', () => inTime(freshDocker.ping()));
    },
    createContainer: (config) => limiter.run(() => createOnce(config)),
    startContainer: (id) =>
      limiter.run(async () => {
        try {
          await settle('start container', [304], () => docker.getContainer(id).start());
        } catch (error) {
          if (!isOomScoreRefusal(error) || oomScoreRefused) throw error;
          // The engine may not lower oom_score_adj here: found out once, then containers go without.
          oomScoreRefused = true;
          log.warn('The engine cannot set a negative oom_score_adj; containers run without it');
          throw error;
        }
      }),
    stopContainer: (id, graceSeconds) =>
      settle('stop container', [304, 404], () => docker.getContainer(id).stop({ t: graceSeconds })),
    killContainer: (id, signal) => settle('kill container', [404, 409], () => docker.getContainer(id).kill({ signal })),
    async updateContainer(id, resources) {
      await call('update container', () => docker.getContainer(id).update(toUpdate(resources)));
    },
    async killFirstProcess(id, pid) {
      if (!killProcess(pid, id)) return;
      const abortSignal = AbortSignal.timeout(killedMs);
      await settle('wait for container', [404], () => docker.getContainer(id).wait({ abortSignal }));
    },
    // 409: another removal of it is under way.
    removeContainer(id) {
      dialer.release(id);
      return settle('remove container', [404, 409], () => docker.getContainer(id).remove({ force: true, v: true }));
    },
    async listContainers() {
      const found = await call('list containers', () =>
        docker.listContainers({ all: true, filters: { label: ownFilter } }),
      );
      return found.map(toSummary);
    },
    async inspectContainer(id) {
      try {
        return toStatus(await call('inspect container', () => docker.getContainer(id).inspect()));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async inspectImage(reference) {
      try {
        const image = await call('inspect image', () => docker.getImage(reference).inspect());
        return toImage({ ...image, Size: image.Size }, image.Config?.User ?? '');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async listImages() {
      const images = await call('list images', () => inTime(docker.listImages()));
      return images.map((image) => toImage(image, ''));
    },
    pullImage: (reference, auth) =>
      pullImage({ docker, clock, log, call, progressDeadlineMs: options.imagePullProgressDeadlineMs }, reference, auth),
    removeImage: (reference) => settle('remove image', [404, 409], () => docker.getImage(reference).remove()),
    watchEvents: (onEvent, signal) => watchEvents(onEvent, signal),

    ...createDockerSessions({
      docker,
      clock,
      call,
      settle,
      inspect: (id) => runtime.inspectContainer(id),
    }),
    async logs(request) {
      const status = await runtime.inspectContainer(request.containerId);
      if (!status) throw new RuntimeError('logs', `No such container: ${request.containerId}`, 404);
      return followLogs(request, {
        tty: status.tty,
        clock,
        open: async ({ since, tail, follow, stdout, stderr }) => {
          const query = { stdout, stderr, timestamps: true, follow, tail, ...(since && { since }) };
          return call('logs', () => streamLogs(docker, request.containerId, query));
        },
        isRunning: async () => (await runtime.inspectContainer(request.containerId))?.state === 'running',
      });
    },
    dial: (sandboxId, port) => dialer.dial(sandboxId, port),
  };
  const dialer = createNetnsDialer({
    log,
    async locate(sandboxId) {
      const status = await runtime.inspectContainer(sandboxId);
      if (!status?.pid) throw new RuntimeError('dial', `sandbox ${sandboxId} is not running`, 404);
      return { pid: status.pid, hostNetwork: status.networkMode === 'host' };
    },
  });

  async function watchEvents(onEvent: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<void> {
    let delayMs = 100;
    while (!signal.aborted) {
      try {
        const filters = { type: ['container'], event: followedActions, label: ownFilter };
        const query = { filters, abortSignal: signal };
        const stream = (await call('events', () => docker.getEvents(query as Docker.GetEventsOptions))) as Readable;
        // The engine remembers only its last 256 events: after any gap everything is listed again.
        onEvent(undefined);
        delayMs = 100;
        for await (const event of jsonLines<EngineEvent>(stream)) onEvent(toEvent(event));
      } catch (error) {
        if (signal.aborted) return;
        log.debug({ err: error }, 'The event stream of the engine broke');
      }
      await clock.sleep(delayMs, signal).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, 5000);
    }
  }

  return runtime;
}

/** An engine whose locks are stuck takes requests and never answers: that must be told from a slow one. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the engine gave no answer within ${answerMs / 1000} s`)), answerMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** As a stream also without follow, where dockerode would collect the whole log in memory. */
function streamLogs(docker: Docker, id: string, query: Record<string, unknown>): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const request = { path: `/containers/${id}/logs?`, method: 'GET', isStream: true, options: query };
    const statusCodes = { 200: true, 404: 'no such container', 500: 'server error' };
    docker.modem.dial({ ...request, statusCodes }, (error: unknown, stream: unknown) =>
      error ? reject(error) : resolve(stream as Readable),
    );
  });
}

/** What runc answers when it may not lower the score (no CAP_SYS_RESOURCE). */
export const isOomScoreRefusal = (error: unknown): boolean =>
  error instanceof RuntimeError && /final child's PID from pipe|oom_score_adj/.test(error.message);
