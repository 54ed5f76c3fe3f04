/** `/statusz` and `/flagz`: what runs here, and with which flags. Upstream: component-base `zpages`. */
import type { Express } from 'express';
import type { Clock } from '../../component-base/clock';
import { version } from '../../component-base/version';
import { type RouteSet, sendText } from './non-resource';

const warning =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';

/** `advertiseAddress` is the flag `advertise-address`. */
const flagName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Made when the process starts: `/statusz` counts from then. */
export function createZpages(component: string, flags: Readonly<Record<string, unknown>>, clock: Clock): RouteSet {
  const startedMs = clock.now();
  const flagz = (): string =>
    [
      `\n${component} flagz\n${warning}\n`,
      ...Object.entries(flags)
        .map(([key, value]) => `${flagName(key)}=${Array.isArray(value) ? `[${value.join(',')}]` : String(value)}`)
        .sort(),
      '',
    ].join('\n');
  const statusz = (): string => {
    const upSeconds = Math.round((clock.now() - startedMs) / 1000);
    return [
      `\n${component} statusz\n${warning}\n`,
      `Started: ${new Date(startedMs).toUTCString()}`,
      `Up: ${Math.floor(upSeconds / 3600)} hr ${String(Math.floor(upSeconds / 60) % 60).padStart(2, '0')} min ${String(upSeconds % 60).padStart(2, '0')} sec`,
      `Node version: ${process.version}`,
      `Binary version: ${version.gitVersion}`,
      '',
    ].join('\n');
  };
  return {
    paths: () => ['/flagz', '/statusz'],
    mount(app: Express) {
      app.get('/flagz', (_request, response) => sendText(response, 200, flagz()));
      app.get('/statusz', (_request, response) => sendText(response, 200, statusz()));
    },
  };
}
