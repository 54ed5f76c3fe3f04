/** Encryption at rest by a file that can be exchanged while the server runs. Upstream: `server/options/encryptionconfig`. */
import { readFileSync } from 'node:fs';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { Clock } from '../../../component-base/clock';
import type { Logger } from '../../../component-base/logger';
import type { Metrics } from '../../../component-base/metrics';
import { watchFiles } from '../../../component-base/tls';
import { identity, type Transformer } from '../transform';
import { type EncryptionRules, parseEncryptionConfiguration } from './configuration';

export interface Encryption {
  /** Follows the file: what is stored later is sealed by the configuration of then. */
  transformerFor(definition: ResourceDefinition): Transformer;
  close(): void;
}

export interface EncryptionOptions {
  /** '': no encryption. */
  path: string;
  /** Upstream's --encryption-provider-config-automatic-reload. */
  reload: boolean;
}

/** Throws with the flag and the file when the configuration cannot be used. */
export function createEncryption(
  { path, reload }: EncryptionOptions,
  { clock, log, metrics }: { clock: Clock; log: Logger; metrics: Metrics },
): Encryption | undefined {
  if (!path) return undefined;
  let rules = read(path);
  const reloads = metrics.counter({
    name: 'apiserver_encryption_config_controller_automatic_reloads_total',
    help: 'Total number of reload successes and failures of encryption configuration.',
    labels: ['status'],
  });
  const lastReload = metrics.gauge({
    name: 'apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds',
    help: 'Timestamp of the last successful or failed automatic reload of encryption configuration split by status.',
    labels: ['status'],
  });
  const tell = (status: 'success' | 'failure'): void => {
    reloads.inc({ status });
    lastReload.set(clock.now() / 1000, { status });
  };
  const stop = reload
    ? watchFiles([path], () => {
        try {
          rules = read(path);
          tell('success');
          log.info({ path }, 'reloaded the encryption configuration');
        } catch (error) {
          tell('failure');
          log.error({ err: error, path }, 'keeping the old encryption configuration');
        }
      })
    : () => undefined;
  return {
    transformerFor({ group, names }) {
      const current = (): Transformer => rules({ group, resource: names.plural }) ?? identity;
      return {
        seal: (key, plain) => current().seal(key, plain),
        open: (key, stored) => current().open(key, stored),
      };
    },
    close: stop,
  };
}

function read(path: string): EncryptionRules {
  try {
    return parseEncryptionConfiguration(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`--encryption-provider-config ${path}: ${(cause as Error).message}`, { cause });
  }
}
