/** One attempt to empty one namespace. */
import { type Namespace, namespaces } from '../../../api/core/v1/namespace';
import { deepEqual } from '../../../api/meta/json';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { Lister } from '../../../client/informer';
import { resourcePath } from '../../../client/resource-path';
import type { RestClient } from '../../../client/rest-client';
import type { Clock } from '../../../component-base/clock';
import type { Discovery } from '../../discovery';
import { deletionConditions } from './conditions';
import { deleteContent } from './delete-content';

export interface NamespaceContext {
  client: RestClient;
  clock: Clock;
  lister: Lister<Namespace>;
  discover(signal: AbortSignal): Promise<Discovery>;
}

/** While pods end: often enough that a namespace goes soon after its last pod. */
const minRetryMs = 500;
const maxRetryMs = 5000;

export async function reconcileNamespace(
  context: NamespaceContext,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { client, clock, lister } = context;
  if (!lister.get(key)?.metadata.deletionTimestamp) return;
  try {
    const current = await client.get(namespaces, key);
    if (!current.metadata.deletionTimestamp) return;
    // Terminating first: from then on admission lets nothing new in.
    const terminating = await markTerminating(client, current);
    if (!terminating.spec?.finalizers?.includes('kubernetes')) return;
    const { definitions, failures } = await context.discover(signal);
    const report = await deleteContent(client, key, definitions, signal);
    const written = await writeConditions(context, terminating, failures, report);
    if (report.errors.length) throw report.errors[0];
    if (failures.length) throw failures[0]?.error;
    if (report.remaining.size) {
      const ageMs = clock.now() - Date.parse(current.metadata.deletionTimestamp);
      return { requeueAfterMs: Math.min(Math.max(minRetryMs, ageMs / 4), maxRetryMs) };
    }
    await finalize(client, written);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function markTerminating(client: RestClient, namespace: Stored<Namespace>): Promise<Stored<Namespace>> {
  if (namespace.status?.phase === 'Terminating') return namespace;
  return client.updateStatus(namespaces, { ...namespace, status: { ...namespace.status, phase: 'Terminating' } });
}

/** Conditions are news for people: losing a race over them must not hold the deletion up. */
async function writeConditions(
  { client, clock }: NamespaceContext,
  namespace: Stored<Namespace>,
  failures: Discovery['failures'],
  report: Parameters<typeof deletionConditions>[2],
): Promise<Stored<Namespace>> {
  const conditions = deletionConditions(namespace.status?.conditions, failures, report, clock.now());
  if (deepEqual(conditions, namespace.status?.conditions)) return namespace;
  try {
    return await client.updateStatus(namespaces, { ...namespace, status: { ...namespace.status, conditions } });
  } catch (error) {
    if (isConflict(error)) return client.get(namespaces, namespace.metadata.name);
    throw error;
  }
}

async function finalize(client: RestClient, namespace: Stored<Namespace>): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== 'kubernetes');
  await client.raw({
    method: 'PUT',
    path: resourcePath(namespaces, { name: namespace.metadata.name, subresource: 'finalize' }),
    body: { ...namespace, apiVersion: 'v1', kind: 'Namespace', spec: { ...namespace.spec, finalizers } },
  });
}
