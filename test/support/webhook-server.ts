/** A webhook as its author would run it: a real HTTPS server with a certificate of its own authority, and a handler. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority, ensureLeaf } from '../../deploy/pki';

export interface ReceivedCall {
  path: string;
  host: string;
  serverName: string;
  body: any;
}

export interface WebhookServer {
  readonly port: number;
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** For `clientConfig.caBundle`. */
  readonly caBundle: string;
  readonly calls: ReceivedCall[];
  readonly connections: number;
  /** What it does from now on. An object is the body of the answer. */
  handle: (call: ReceivedCall, response: ServerResponse, request: IncomingMessage) => unknown;
  stop(): Promise<void>;
}

/** `clientCa` (PEM): ask for client certificates, and check them against it. */
export async function startWebhookServer(
  hosts: string[] = [],
  bindAddress = '127.0.0.1',
  clientCa?: string,
): Promise<WebhookServer> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-webhook-'));
  const authority = await ensureAuthority(folder, 'ca', 'webhooks');
  const files = await ensureLeaf(authority, folder, 'serving', {
    commonName: 'webhook',
    hosts: ['127.0.0.1', ...hosts],
    usages: ['server'],
  });
  const server = https.createServer({
    cert: readFileSync(files.cert),
    key: readFileSync(files.key),
    ...(clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  });
  let connections = 0;
  server.on('secureConnection', () => connections++);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const call: ReceivedCall = {
        path: request.url ?? '',
        host: request.headers.host ?? '',
        serverName: (request.socket as { servername?: string }).servername ?? '',
        body: text ? JSON.parse(text) : undefined,
      };
      running.calls.push(call);
      const answer = await running.handle(call, response, request);
      if (answer === undefined || response.writableEnded) return;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    })();
  });
  server.listen(0, bindAddress);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const running: WebhookServer = {
    port,
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(authority.pem).toString('base64'),
    calls: [],
    get connections() {
      return connections;
    },
    handle: () => ({}),
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return running;
}
