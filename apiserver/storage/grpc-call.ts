/**
 * Calls and streams through the connections of the etcd client, with its choice of a member, its reconnecting and its errors,
 * but with messages of our own, and calls past grpc's generic client: they are half of what a call costs this process.
 */

/** Of grpc's channel and its calls what is used here. */
interface GrpcCall {
  start(
    metadata: unknown,
    listener: {
      onReceiveMetadata(): void;
      onReceiveMessage(message: Buffer): void;
      onReceiveStatus(status: { code: number; details: string }): void;
    },
  ): void;
  startRead(): void;
  sendMessageWithContext(context: object, message: Buffer): void;
  halfClose(): void;
}

interface GrpcChannel {
  createCall(method: string, deadline: number, host: null, parent: null, propagateFlags: null): GrpcCall;
}

/** Messages in both directions. Ends with `error` or `end`. */
export interface GrpcStream<Sent, Received> {
  write(message: Sent): void;
  cancel(): void;
  on(event: 'data', listener: (message: Received) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'end', listener: () => void): void;
}

interface GrpcClient {
  getChannel(): GrpcChannel;
  makeBidiStreamRequest<Sent, Received>(
    method: string,
    encode: (message: Sent) => Buffer,
    decode: (message: Buffer) => Received,
    metadata: unknown,
  ): GrpcStream<Sent, Received>;
}

/** What the etcd client stands on and does not declare. `metadata` is of this call alone. */
export interface GrpcConnections {
  withConnection<T>(
    service: string,
    use: (connection: { client: GrpcClient; metadata: { set(key: string, value: string): void } }) => Promise<T> | T,
  ): Promise<T>;
}

const pathOf = (service: string, method: string): string => `/etcdserverpb.${service}/${method}`;

const grpcOk = 0;
const grpcInternal = 13;

export interface UnaryCall<T> {
  service: string;
  method: string;
  message: Buffer;
  decode(answer: Buffer): T;
  /** In milliseconds since 1970. */
  deadline: number;
}

/** Calls `etcdserverpb.<service>/<method>` once. Rejects with the errors of the etcd client. */
export const callGrpc = <T>(
  connections: GrpcConnections,
  { service, method, message, decode, deadline }: UnaryCall<T>,
): Promise<T> =>
  connections.withConnection(service, ({ client, metadata }) => {
    const call = client.getChannel().createCall(pathOf(service, method), deadline, null, null, null);
    return new Promise((resolve, reject) => {
      let answer: Buffer | undefined;
      const fail = (code: number, details: string): void => reject(Object.assign(new Error(details), { code }));
      call.start(metadata, {
        onReceiveMetadata: () => undefined,
        onReceiveMessage: (received) => (answer = received),
        onReceiveStatus({ code, details }) {
          if (code !== grpcOk) return fail(code, details);
          if (!answer) return fail(grpcInternal, 'etcd answered without a message');
          try {
            resolve(decode(answer));
          } catch (error) {
            fail(grpcInternal, `etcd answered what cannot be read: ${String(error)}`);
          }
        },
      });
      call.startRead();
      call.sendMessageWithContext({}, message);
      call.halfClose();
    });
  });

export interface StreamCall<Sent, Received> {
  service: string;
  method: string;
  metadata: Readonly<Record<string, string>>;
  encode(message: Sent): Buffer;
  decode(message: Buffer): Received;
}

/** Opens a stream in both directions. */
export const openGrpcStream = <Sent, Received>(
  connections: GrpcConnections,
  { service, method, metadata, encode, decode }: StreamCall<Sent, Received>,
): Promise<GrpcStream<Sent, Received>> =>
  connections.withConnection(service, (connection) => {
    for (const [key, value] of Object.entries(metadata)) connection.metadata.set(key, value);
    return connection.client.makeBidiStreamRequest(pathOf(service, method), encode, decode, connection.metadata);
  });
