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

export interface ContainerStatus extends ContainerSummary {
  image: string;
  startedAtMs?: number;
  finishedAtMs?: number;
  exitCode?: number;
  signal?: number;
  oomKilled: boolean;
  error?: string;
  /** The main process on the host, while it runs. */
  pid?: number;
  logPath?: string;
}

export interface ExecRequest {
  containerId: string;
  command: string[];
  tty: boolean;
  stdin: boolean;
}

/** A running exec or attach. With a TTY everything comes on stdout. */
export interface ExecSession {
  stdin?: Writable;
  stdout: Readable;
  stderr?: Readable;
  resize(size: { width: number; height: number }): Promise<void>;
  /** The exit code (null for attach when it stays running); resolves after the output ended. */
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
  attach(request: Omit<ExecRequest, 'command'>): Promise<ExecSession>;
  /** Plain bytes of the log, demultiplexed, in order. */
  logs(request: LogRequest): Promise<Readable>;
  /** A connection to `localhost:port` inside the sandbox's network namespace. */
  dial(sandboxId: string, port: number): Promise<Duplex>;
}
