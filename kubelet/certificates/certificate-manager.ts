/**
 * Keeps one certificate in `<cert-dir>/<name>.pem` (certificate and key in one file, replaced by rename) valid: requests it when it is
 * missing, expired or for other names, and renews it in time. Readers of the file follow it by themselves.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RestClient } from '../../client/rest-client';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { type CertificateRequest, expiryMs, renewalTimeMs, requestCertificate } from './signing-request';

export interface CertificateManagerDeps {
  client: RestClient;
  clock: Clock;
  log: Logger;
  certDir: string;
  /** `kubelet-client-current`, `kubelet-server-current`. */
  name: string;
  /** Undefined while the names are not known yet. */
  request(): CertificateRequest | undefined;
}

export interface CertificateManager {
  readonly file: string;
  /** Resolves once the file has a valid certificate for the wanted names. */
  ready(signal: AbortSignal): Promise<void>;
  /** Keeps it valid until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function createCertificateManager(deps: CertificateManagerDeps): CertificateManager {
  const { clock, log } = deps;
  const file = path.join(deps.certDir, `${deps.name}.pem`);
  const namesFile = `${file}.names`;

  const namesOf = (request: CertificateRequest): string =>
    JSON.stringify([request.commonName, request.ipAddresses ?? [], request.dnsNames ?? []]);

  async function renewAtMs(request: CertificateRequest): Promise<number> {
    const pem = await readFile(file, 'utf8').catch(() => '');
    const names = await readFile(namesFile, 'utf8').catch(() => '');
    if (!pem || names !== namesOf(request) || expiryMs(pem) <= clock.now()) return 0;
    return renewalTimeMs(pem, Math.random());
  }

  async function renew(request: CertificateRequest, signal: AbortSignal): Promise<void> {
    const { certificate, key } = await requestCertificate(deps, request, signal);
    await mkdir(deps.certDir, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, `${certificate.trimEnd()}\n${key}`, { mode: 0o600 });
    await rename(`${file}.new`, file);
    // Last: names without their certificate would pass an old one off as the new.
    await writeFile(namesFile, namesOf(request));
    log.info({ certificate: deps.name }, 'The certificate was issued');
  }

  /** Until there is one; an API that is away or an approver that takes its time only delays it. */
  async function ensure(signal: AbortSignal): Promise<number> {
    for (let delayMs = 250; ; delayMs = Math.min(delayMs * 2, 30_000)) {
      signal.throwIfAborted();
      try {
        const request = deps.request();
        if (request) {
          const atMs = await renewAtMs(request);
          if (atMs > clock.now()) return atMs;
          await renew(request, signal);
          return await renewAtMs(request);
        }
        delayMs = 250;
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn({ err: error, certificate: deps.name }, 'The certificate could not be requested');
      }
      await clock.sleep(delayMs, signal);
    }
  }

  return {
    file,
    async ready(signal) {
      await ensure(signal);
    },
    async run(signal) {
      while (!signal.aborted) {
        const atMs = await ensure(signal).catch(() => undefined);
        if (atMs === undefined) return;
        // Names can change (a bridge that got its address): look from time to time.
        const waitMs = Math.min(atMs - clock.now(), 60_000);
        await clock.sleep(Math.max(waitMs, 1000), signal).catch(() => undefined);
      }
    },
  };
}
