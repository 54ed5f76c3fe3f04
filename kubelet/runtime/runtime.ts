/**
 * What the kubelet asks of a container engine; `docker.ts` is the one implementation. Names follow the CRI. Errors are
 * thrown as the engine gave them, wrapped in `RuntimeError` with the action.
 */
import type { Duplex, Readable, Writable } from 'node:stream';

export type ContainerState = 'created' | 'running' | 'exited';

/** What labels and `docker ps` tell of a container, without inspecting it. */
export interface ContainerSummary {
  id: string;
  name: string;
  state: ContainerState;
  labels: Record<string, string>;
  imageId: string;
  createdAtMs: number;
}

/** What the kernel holds a container to. */
export interface ContainerResources {
  cpuShares: number;
  /** Microseconds of CPU time in each period of 100 ms; 0 without a limit. */
  cpuQuotaUs: number;
  /** 0 without a limit. */
  memoryBytes: number;
}

export interface ContainerStatus extends ContainerSummary {
  /** The image as the container was created with: a reference, or an id. */
  image: string;
  startedAtMs?: number;
  finishedAtMs?: number;
  exitCode?: number;
  signal?: number;
  oomKilled: boolean;
  error?: string;
  /** What it left in its termination message file, or the end of its log by policy; filled in by the pod cache. */
  terminationMessage?: string;
  /** The main process on the host, while it runs. */
  pid?: number;
  logPath?: string;
  /** The folder that holds what it wrote outside of volumes, when the engine's storage driver has such a folder. */
  writableLayer?: string;
  tty: boolean;
  /** `none` and `container:<id>`, or `host`. */
  networkMode: string;
  resources?: ContainerResources;
}

/** A call to the engine failed. `code` is the engine's HTTP status; undefined when the engine did not answer. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';

  constructor(
    readonly action: string,
    message: string,
    readonly code: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The engine is away; the same call may succeed later. */
  get unreachable(): boolean {
    return this.code === undefined;
  }
}

export interface Device {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

/** What the engine is asked to create, in the words of its API (`POST /containers/create`). */
export interface ContainerConfig {
  name: string;
  Image: string;
  Labels: Record<string, string>;
  Hostname?: string;
  Domainname?: string;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
  User?: string;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  StopSignal?: string;
  /** An empty test switches an image's own health check off: Kubernetes has probes instead. */
  Healthcheck?: { Test: string[] };
  /** The engine makes an empty network namespace and never looks at it again. */
  NetworkDisabled?: boolean;
  HostConfig: {
    NetworkMode: string;
    IpcMode?: string;
    PidMode?: string;
    UTSMode?: string;
    UsernsMode?: string;
    Binds?: string[];
    Privileged?: boolean;
    ReadonlyRootfs?: boolean;
    CapAdd?: string[];
    CapDrop?: string[];
    SecurityOpt?: string[];
    GroupAdd?: string[];
    Sysctls?: Record<string, string>;
    CpuShares?: number;
    CpuPeriod?: number;
    CpuQuota?: number;
    Memory?: number;
    MemorySwap?: number;
    OomScoreAdj?: number;
    ShmSize?: number;
    Devices?: Device[];
    Ulimits?: Ulimit[];
    LogConfig?: { Type: string; Config: Record<string, string> };
    MaskedPaths?: string[];
    ReadonlyPaths?: string[];
  };
}

export interface ImageInfo {
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
  /** The user the image runs as: `''`, `1000`, `app`, `1000:1000`. */
  user: string;
}

export interface RegistryAuth {
  username?: string;
  password?: string;
  auth?: string;
  identitytoken?: string;
  registrytoken?: string;
  serveraddress?: string;
}

/** A change of one of our containers, or `undefined` when events may have been lost and all must be listed again. */
export type RuntimeEvent = { containerId: string; action: RuntimeAction; labels: Record<string, string> } | undefined;

export type RuntimeAction = 'start' | 'die' | 'oom' | 'destroy';

export interface RuntimeInfo {
  version: string;
  /** Where the engine keeps images, to measure the disk. */
  rootDir: string;
  cgroupDriver: string;
}

/** Everything the kubelet asks of the engine. Listing and events cover only containers of this cluster and node. */
export interface Runtime extends StreamingRuntime {
  info(): Promise<RuntimeInfo>;
  /** Over a connection of its own: rejects also while the engine shuts down. */
  ping(): Promise<void>;
  /** A container of that name that exists already is adopted: the name is the lock. */
  createContainer(config: ContainerConfig): Promise<{ id: string; adopted: boolean }>;
  startContainer(id: string): Promise<void>;
  /** The stop signal, then SIGKILL after the grace; resolves when it is dead. A missing container is success. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  killContainer(id: string, signal: string): Promise<void>;
  /** While it runs; what is not named stays. */
  updateContainer(id: string, resources: Partial<ContainerResources>): Promise<void>;
  /**
   * Kills the first process and resolves when the engine knows that the container is dead, or sees nothing to kill. The
   * engine's own kill starts a program for the signal alone, a seventh of all that the end of a pod costs.
   */
  killFirstProcess(id: string, pid: number): Promise<void>;
  /** Also kills it. A missing container is success. */
  removeContainer(id: string): Promise<void>;
  listContainers(): Promise<ContainerSummary[]>;
  inspectContainer(id: string): Promise<ContainerStatus | undefined>;
  inspectImage(reference: string): Promise<ImageInfo | undefined>;
  listImages(): Promise<ImageInfo[]>;
  pullImage(reference: string, auth: RegistryAuth | undefined): Promise<void>;
  removeImage(reference: string): Promise<void>;
  /** Follows the engine's events until the signal aborts, reconnecting with back-off. */
  watchEvents(onEvent: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<void>;
}

export interface ExecRequest {
  containerId: string;
  command: string[];
  tty: boolean;
  stdin: boolean;
}

export interface AttachRequest {
  containerId: string;
  /** These three as the container was made. */
  tty: boolean;
  stdin: boolean;
  stdinOnce: boolean;
}

/** A running exec or attach. With a TTY everything comes on stdout. */
export interface ExecSession {
  /** Its end is the end of the process's input, except for the container that goes on to listen (`stdinOnce: false`). */
  stdin?: Writable;
  stdout: Readable;
  stderr?: Readable;
  resize(size: { width: number; height: number }): Promise<void>;
  /** The exit code (null for attach); resolves after the output ended. */
  exit: Promise<number | null>;
  close(): void;
}

export interface LogRequest {
  containerId: string;
  follow?: boolean;
  tail?: number;
  sinceMs?: number;
  timestamps?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  signal?: AbortSignal;
}

/** The part of the runtime that the kubelet's streaming server uses. */
export interface StreamingRuntime {
  exec(request: ExecRequest): Promise<ExecSession>;
  attach(request: AttachRequest): Promise<ExecSession>;
  /** Plain bytes of the log, demultiplexed, in order. */
  logs(request: LogRequest): Promise<Readable>;
  /** A connection to `localhost:port` inside the sandbox's network namespace. */
  dial(sandboxId: string, port: number): Promise<Duplex>;
}
