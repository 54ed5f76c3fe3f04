/** The audit log that flags ask for; undefined without a policy or a place to write to, and then nothing of it costs anything. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Metrics } from '../../component-base/metrics';
import type { ApiServerFlags } from '../flags';
import { type Auditor, createAuditor } from './auditor';
import { createLogFile } from './log-file';
import { parseAuditPolicy } from './policy';

type AuditFlags = Pick<
  ApiServerFlags,
  'auditPolicyFile' | 'auditLogPath' | 'auditLogMaxsize' | 'auditLogMaxbackup' | 'auditLogMaxage'
>;

/** Throws with the flag and the file when the policy cannot be used. */
export function createAudit(
  flags: AuditFlags,
  { clock, log, metrics }: { clock: Clock; log: Logger; metrics: Metrics },
): Auditor | undefined {
  if (!flags.auditPolicyFile || !flags.auditLogPath) return undefined;
  const lost = metrics.counter({
    name: 'apiserver_audit_error_total',
    help: 'Counter of audit events that failed to be audited properly. Plugin identifies the plugin affected by the error.',
    labels: ['plugin'],
  });
  return createAuditor({
    policy: readPolicy(flags.auditPolicyFile),
    sink: createLogFile({
      path: flags.auditLogPath,
      maxSizeBytes: flags.auditLogMaxsize * 1024 * 1024,
      maxBackups: flags.auditLogMaxbackup,
      maxAgeMs: flags.auditLogMaxage * 24 * 3_600_000,
      clock,
      log,
      onLost: (count) => lost.inc({ plugin: 'log' }, count),
    }),
    clock,
    metrics,
  });
}

function readPolicy(path: string) {
  try {
    return parseAuditPolicy(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`loading audit policy file: --audit-policy-file ${path}: ${(cause as Error).message}`, { cause });
  }
}
