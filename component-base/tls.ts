/**
 * Certificates in files that are replaced while the process runs. Changes are noticed through inotify on the folders, so
 * that a file written anew, renamed over, or reached through an exchanged symbolic link is seen, without polling.
 */
import { constants } from 'node:crypto';
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import tls from 'node:tls';
import type { Logger } from './logger';

/** Writers replace certificate and key one after the other: look once both had time to arrive. */
const settleMs = 100;

/** Reads a PEM file; the error is one sentence that names the flag or file. */
export function readPem(path: string, what = 'file'): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`cannot read ${what} ${path}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, {
      cause,
    });
  }
}

/** Calls back when the content of one of the files changed; the returned function ends it. */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  const read = (): string => paths.map((path) => readQuietly(path)?.toString('latin1') ?? '').join('\0');
  let known = read();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    const now = read();
    if (now === known) return;
    known = now;
    onChange();
  };
  const folders = new Set(paths.map((path) => dirname(path)));
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        timer ??= setTimeout(look, settleMs).unref();
      });
      // A removed folder ends its watch; the material last read stays in use.
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // The folder cannot be watched (inotify exhausted): the files are used as they were read.
    }
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

function readQuietly(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

export interface TlsFiles {
  certFile: string;
  keyFile: string;
  /** CAs that client certificates are checked against. */
  clientCaFile?: string;
}

export interface ServingTls {
  /** For `https.createServer`. Client certificates are asked for, never required: the authenticator decides. */
  options(): tls.TlsOptions;
  /** Gives the server the new material whenever the files change, until `close`. */
  follow(server: tls.Server): void;
  close(): void;
}

/** Serving certificates from files. Throws when they cannot be read or do not fit together. */
export function createServingTls(files: TlsFiles, log?: Logger): ServingTls {
  const read = (): tls.TlsOptions => {
    const options: tls.TlsOptions = {
      cert: readPem(files.certFile, 'certificate'),
      key: readPem(files.keyFile, 'private key'),
      minVersion: 'TLSv1.2',
      // Clients of Kubernetes do not resume sessions, and the tickets for it would keep 11 KB of buffers on every connection.
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(files.clientCaFile && { ca: readPem(files.clientCaFile, 'client CA') }),
    };
    try {
      tls.createSecureContext(options);
    } catch (cause) {
      throw new Error(`certificate ${files.certFile} and key ${files.keyFile} cannot be used: ${String(cause)}`, {
        cause,
      });
    }
    return { ...options, requestCert: files.clientCaFile !== undefined, rejectUnauthorized: false };
  };
  let current = read();
  const servers = new Set<tls.Server>();
  const paths = [files.certFile, files.keyFile, ...(files.clientCaFile ? [files.clientCaFile] : [])];
  const stop = watchFiles(paths, () => {
    try {
      current = read();
    } catch (error) {
      log?.warn({ err: error }, 'Keeping the old serving certificate');
      return;
    }
    for (const server of servers) server.setSecureContext(current);
    log?.info({ certFile: files.certFile }, 'Reloaded the serving certificate');
  });
  return {
    options: () => current,
    follow: (server) => void servers.add(server),
    close: stop,
  };
}
