import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A TCP port of 127.0.0.1 for a server that may come and go: no other test gets it before this process ends. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (await reserve(port)) return port;
  }
}

/** The UDP port of the same number is the sign that a port is given out. */
const reserve = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const sign = createSocket('udp4');
    sign.once('error', () => resolve(false));
    sign.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      sign.unref();
      resolve(true);
    });
  });
