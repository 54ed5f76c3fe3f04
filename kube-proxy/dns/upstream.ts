/** Asks the host's own name servers: those of its resolv.conf, one after another, over the transport the client used. */
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect, isIP } from 'node:net';
import * as packet from 'dns-packet';
import type { Resolver } from './responder';

const answerMs = 2000;
const rereadMs = 10_000;
/** How long a server that did not answer is asked last. */
const silentMs = 10_000;

/** `notTo` are our own addresses, to which a question must never go back. */
export function createUpstream(
  path: string,
  notTo: string[],
  now: () => number,
  timeoutMs: number = answerMs,
): Resolver {
  const silentUntilMs = new Map<string, number>();
  let servers: string[] = [];
  let readAtMs = -Infinity;

  async function nameServers(): Promise<string[]> {
    if (now() - readAtMs > rereadMs) {
      readAtMs = now();
      servers = parseNameServers(await readFile(path, 'utf8').catch(() => ''), notTo);
    }
    const isSilent = (server: string): boolean => (silentUntilMs.get(server) ?? -Infinity) > now();
    return [...servers.filter((server) => !isSilent(server)), ...servers.filter(isSilent)];
  }

  async function forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer> {
    let failure = new Error('this host has no name servers');
    for (const server of await nameServers()) {
      try {
        return await (transport === 'udp' ? askByUdp : askByTcp)(server, query, timeoutMs);
      } catch (error) {
        silentUntilMs.set(server, now() + silentMs);
        failure = error as Error;
      }
    }
    throw failure;
  }

  return {
    forward,
    async lookup(name, type) {
      const query = packet.encode({
        type: 'query',
        id: Math.floor(Math.random() * 65_536),
        flags: packet.RECURSION_DESIRED,
        questions: [{ type, name }],
      });
      const short = packet.decode(await forward(query, 'udp'));
      const { answers = [] } = short.flag_tc ? packet.decode(await forward(query, 'tcp')) : short;
      return answers.filter((answer) => answer.type === type || answer.type === 'CNAME');
    },
  };
}

/** The `nameserver` lines of a resolv.conf, without those to leave out. */
export function parseNameServers(text: string, notTo: string[]): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map(([, address = '']) => address)
    .filter((address) => isIP(address) && !notTo.includes(address));
}

/** The answer must come from the server we asked and carry the query's id. */
function askByUdp(server: string, query: Buffer, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(server) === 6 ? 'udp6' : 'udp4');
    const finish = (error: Error | undefined, answer?: Buffer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      if (answer) resolve(answer);
      else reject(error ?? new Error('no answer'));
    };
    const timer = setTimeout(() => finish(new Error(`${server} did not answer in time`)), timeoutMs);
    socket.on('error', finish);
    socket.on('message', (answer) => {
      if (answer.length >= 12 && answer.readUInt16BE(0) === query.readUInt16BE(0)) finish(undefined, answer);
    });
    socket.on('connect', () => socket.send(query));
    socket.connect(53, server);
  });
}

function askByTcp(server: string, query: Buffer, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53 });
    let received = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${server} did not answer in time`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${server} closed the connection`)));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
      socket.destroy();
    });
    socket.write(Buffer.concat([lengthOf(query), query]));
  });
}

/** The two bytes before each message on TCP. */
export function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}
