/** From the engine's words to ours: containers, images and events as its API describes them. Pure. */
import type Docker from 'dockerode';
import { cpuPeriodUs } from './container-resources';
import type {
  ContainerResources,
  ContainerState,
  ContainerStatus,
  ContainerSummary,
  ImageInfo,
  RuntimeAction,
  RuntimeEvent,
} from './runtime';

const states: Record<string, ContainerState> = { created: 'created', running: 'running', paused: 'running' };
const stateOf = (state: string): ContainerState => states[state] ?? 'exited';

export function toSummary(info: Docker.ContainerInfo): ContainerSummary {
  return {
    id: info.Id,
    name: (info.Names[0] ?? '').replace(/^\//, ''),
    state: stateOf(info.State),
    labels: info.Labels,
    imageId: info.ImageID,
    createdAtMs: info.Created * 1000,
  };
}

/** The engine writes `0001-01-01T00:00:00Z` for "never". */
const timeOf = (text: string | undefined): number | undefined =>
  text && !text.startsWith('0001-') ? Date.parse(text) : undefined;

export function toStatus(info: Docker.ContainerInspectInfo): ContainerStatus {
  const { State: state } = info;
  const startedAtMs = timeOf(state.StartedAt);
  const finishedAtMs = timeOf(state.FinishedAt);
  const running = state.Running;
  const base = toStatusBase(info);
  // A start that failed leaves a container that was created only, with an error: for Kubernetes it has exited.
  if (state.Status === 'created' && (state.ExitCode !== 0 || state.Error)) {
    return {
      ...base,
      state: 'exited',
      finishedAtMs: base.createdAtMs,
      exitCode: state.ExitCode || 128,
      error: state.Error,
    };
  }
  return {
    ...base,
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(!running && finishedAtMs !== undefined && { finishedAtMs }),
    ...(!running && { exitCode: state.ExitCode }),
    ...(state.Error && { error: state.Error }),
    ...(running && state.Pid && { pid: state.Pid }),
  };
}

function toStatusBase(info: Docker.ContainerInspectInfo): ContainerStatus {
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    state: stateOf(info.State.Status),
    labels: info.Config.Labels,
    imageId: info.Image,
    image: info.Config.Image,
    createdAtMs: Date.parse(info.Created),
    oomKilled: info.State.OOMKilled,
    ...(info.LogPath && { logPath: info.LogPath }),
    ...writableLayerOf(info),
    tty: info.Config.Tty,
    networkMode: info.HostConfig.NetworkMode ?? '',
    resources: resourcesOf(info.HostConfig),
  };
}

function writableLayerOf({ GraphDriver }: Docker.ContainerInspectInfo): Pick<ContainerStatus, 'writableLayer'> {
  const folder = (GraphDriver?.Data as Record<string, string> | null)?.['UpperDir'];
  return folder ? { writableLayer: folder } : {};
}

/** A limit that was taken back is a negative one to the engine. */
const resourcesOf = ({ CpuShares = 0, CpuQuota = 0, Memory = 0 }: Docker.HostConfig): ContainerResources => ({
  cpuShares: CpuShares,
  cpuQuotaUs: Math.max(0, CpuQuota),
  memoryBytes: Math.max(0, Memory),
});

/** For the engine's `POST /containers/<id>/update`. */
export function toUpdate({ cpuShares, cpuQuotaUs, memoryBytes }: Partial<ContainerResources>): object {
  return {
    ...(cpuShares !== undefined && { CpuShares: cpuShares }),
    ...(cpuQuotaUs !== undefined && { CpuPeriod: cpuPeriodUs, CpuQuota: cpuQuotaUs || -1 }),
    ...(memoryBytes !== undefined && { Memory: memoryBytes || -1, MemorySwap: memoryBytes || -1 }),
  };
}

export function toImage(
  image: { Id: string; RepoTags?: string[] | null; RepoDigests?: string[] | null; Size: number },
  user: string,
): ImageInfo {
  const known = (names: string[] | null | undefined): string[] =>
    (names ?? []).filter((name) => !name.startsWith('<none>'));
  return {
    id: image.Id,
    repoTags: known(image.RepoTags),
    repoDigests: known(image.RepoDigests),
    sizeBytes: image.Size,
    user,
  };
}

/** The engine has more to tell of a container (each exec, each signal), all of it with every label. */
export const followedActions: RuntimeAction[] = ['start', 'die', 'oom', 'destroy'];

export interface EngineEvent {
  Action: RuntimeAction;
  Actor: { ID: string; Attributes: Record<string, string> };
}

export function toEvent(event: EngineEvent): RuntimeEvent {
  return {
    containerId: event.Actor.ID,
    action: event.Action,
    labels: event.Actor.Attributes,
  };
}
