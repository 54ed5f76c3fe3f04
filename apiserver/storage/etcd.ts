/**
 * The only file that talks to etcd. Single transactions guarded by a mod revision; a write is never repeated after an
 * ambiguous error; what certainly never left, and reads, are repeated while etcd restarts.
 */
import { noop } from 'cockatiel';
import { Etcd3, type IKeyValue } from 'etcd3';
import type { Clock } from '../../component-base/clock';
import { classifyEtcdError, isEtcdFailure } from './etcd-errors';
import {
  decodeWatchResponse,
  decodeWriteResult,
  encodeGuardedWrite,
  encodeWatchStart,
  type GuardedWrite,
  type WatchResponse,
  type WatchStart,
} from './etcd-messages';
import { callGrpc, type GrpcConnections, type GrpcStream, openGrpcStream } from './grpc-call';
import type { KeyValue, RangeRequest, RangeResult, WatchStreamHandlers, WriteResult } from './etcd-types';
import type { EtcdObserver } from './storage-metrics';

export interface EtcdTls {
  ca: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

export interface EtcdOptions {
  /** `http://127.0.0.1:2379` or, with `tls`, `https://…`. */
  endpoints: string[];
  tls?: EtcdTls;
  clock: Clock;
  observe?: EtcdObserver;
  /** How long one request may take. Default 10 s. */
  requestTimeoutMs?: number;
  /** How long requests wait for an etcd that cannot be reached. Default 5 s. */
  unavailableRetryMs?: number;
}

const keyValue = (kv: IKeyValue): KeyValue => ({
  key: kv.key.toString(),
  value: kv.value,
  revision: Number(kv.mod_revision),
});

/**
 * A watch stream that etcd ends when its member has lost the others (WithRequireLeader of etcd's own client): it would be silent
 * there, and another member knows more.
 */
const openLeaderStream = (connections: GrpcConnections): Promise<GrpcStream<WatchStart, WatchResponse>> =>
  openGrpcStream(connections, {
    service: 'Watch',
    method: 'Watch',
    metadata: { hasleader: 'true' },
    encode: encodeWatchStart,
    decode: decodeWatchResponse,
  });

export class Etcd {
  private readonly client: Etcd3;
  private readonly connections: GrpcConnections;
  private readonly clock: Clock;
  private readonly observe: EtcdObserver | undefined;
  private readonly requestTimeoutMs: number;
  private readonly unavailableRetryMs: number;

  constructor(options: EtcdOptions) {
    const { endpoints, tls } = options;
    this.clock = options.clock;
    this.observe = options.observe;
    this.requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
    this.unavailableRetryMs = options.unavailableRetryMs ?? 5_000;
    this.client = new Etcd3({
      hosts: endpoints,
      ...(tls && { credentials: { rootCertificate: tls.ca, privateKey: tls.key, certChain: tls.cert } }),
      grpcOptions: {
        'grpc.max_receive_message_length': -1,
        // Statistics of every call that nobody asks for.
        'grpc.enable_channelz': 0,
        'grpc.keepalive_time_ms': 30_000,
        'grpc.keepalive_timeout_ms': 10_000,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
      },
      // The client's own policies would repeat writes after ambiguous errors.
      faultHandling: { host: () => noop, global: noop },
    });
    this.connections = (this.client.kv as unknown as { client: GrpcConnections }).client;
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const response = await this.timed(request.end === undefined ? 'get' : 'list', request.start, () =>
      this.call(true, (deadline) =>
        this.client.kv.range(
          {
            key: Buffer.from(request.start),
            ...(request.end !== undefined && { range_end: Buffer.from(request.end) }),
            ...(request.limit && { limit: request.limit }),
            ...(request.revision && { revision: request.revision }),
            ...(request.countOnly && { count_only: true }),
          },
          { deadline },
        ),
      ),
    );
    return {
      kvs: response.kvs.map(keyValue),
      count: Number(response.count),
      more: response.more,
      revision: Number(response.header.revision),
    };
  }

  async get(key: string): Promise<KeyValue | undefined> {
    return (await this.range({ start: key })).kvs[0];
  }

  /** Writes if the key's mod revision is `ifRevision`; 0: if it does not exist. */
  async put(key: string, value: Buffer, options: { ifRevision: number; leaseId?: string }): Promise<WriteResult> {
    return this.guarded(options.ifRevision ? 'update' : 'create', { key, value, ...options });
  }

  /** Deletes if the key's mod revision is `ifRevision`. */
  async delete(key: string, options: { ifRevision: number }): Promise<WriteResult> {
    return this.guarded('delete', { key, ...options });
  }

  private guarded(operation: string, write: GuardedWrite): Promise<WriteResult> {
    const message = encodeGuardedWrite(write);
    return this.timed(operation, write.key, () =>
      this.call(false, (deadline) =>
        callGrpc(this.connections, { service: 'KV', method: 'Txn', message, decode: decodeWriteResult, deadline }),
      ),
    );
  }

  /** How large the database of a member is on its disk. Asked once: whoever wants to know asks again soon. */
  async databaseBytes(timeoutMs: number): Promise<number> {
    const { dbSize } = await this.client.maintenance.status({ deadline: Date.now() + timeoutMs });
    return Number(dbSize);
  }

  async compact(revision: number): Promise<void> {
    await this.call(false, (deadline) => this.client.kv.compact({ revision }, { deadline }));
  }

  /** A lease whose keys vanish after `ttlSeconds`. */
  async grantLease(ttlSeconds: number): Promise<string> {
    const response = await this.call(true, (deadline) =>
      this.client.leaseClient.leaseGrant({ TTL: ttlSeconds }, { deadline }),
    );
    return response.ID;
  }

  /** Opens one watch stream over a prefix. The returned function ends it without calling a handler. */
  async openWatch(
    start: string,
    end: string,
    fromRevision: number,
    handlers: WatchStreamHandlers,
  ): Promise<() => void> {
    const stream = await openLeaderStream(this.connections);
    let over = false;
    const finish = (notify?: () => void): void => {
      if (over) return;
      over = true;
      stream.cancel();
      notify?.();
    };
    stream.on('error', (error) => finish(() => handlers.closed(error)));
    stream.on('end', () => finish(() => handlers.closed(new Error('etcd ended the watch stream'))));
    stream.on('data', (response) => {
      if (over) return;
      const { canceled, compactRevision, cancelReason, created, revision, events } = response;
      if (canceled) {
        if (compactRevision > 0) finish(() => handlers.compacted());
        else finish(() => handlers.closed(new Error(`etcd cancelled the watch: ${cancelReason}`)));
        return;
      }
      if (created) handlers.created(revision);
      if (events.length) handlers.events(events);
    });
    stream.write({ start, end, fromRevision });
    return () => finish();
  }

  close(): void {
    this.client.close();
  }

  private async timed<T>(operation: string, key: string, run: () => Promise<T>): Promise<T> {
    if (!this.observe) return run();
    const started = performance.now();
    try {
      return await run();
    } finally {
      this.observe(operation, key, (performance.now() - started) / 1000);
    }
  }

  private async call<T>(repeatable: boolean, run: (deadline: number) => Promise<T>): Promise<T> {
    const giveUpAt = this.clock.now() + this.unavailableRetryMs;
    for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 250)) {
      try {
        return await run(Date.now() + this.requestTimeoutMs);
      } catch (cause) {
        const error = classifyEtcdError(cause);
        const again = isEtcdFailure(error, 'unsent') || (repeatable && isEtcdFailure(error, 'ambiguous'));
        if (!again || this.clock.now() + delayMs > giveUpAt) throw error;
        await this.clock.sleep(delayMs);
      }
    }
  }
}
