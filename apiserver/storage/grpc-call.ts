/**
 * One call as bytes through the connections of the etcd client, with its choice of a member, its reconnecting and its errors,
 * but past grpc's generic client and its codec: they are half of what a call costs this process.
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

/** What the etcd client stands on and does not declare. */
export interface GrpcConnections {
  withConnection<T>(
    service: string,
    use: (connection: { client: { getChannel(): GrpcChannel }; metadata: unknown }) => Promise<T>,
  ): Promise<T>;
}

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
    const call = client.getChannel().createCall(`/etcdserverpb.${service}/${method}`, deadline, null, null, null);
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
