/** Deleting everything in a namespace, one kind at a time, and counting what stays. Upstream: `namespaced_resources_deleter.go`. */
import type { Pod } from '../../../api/core/v1/pod';
import { formatGroupResource, isNotFound, StatusError } from '../../../api/meta/status-error';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { RestClient } from '../../../client/rest-client';
import { supports } from '../../discovery';

/** What is left of the namespace's content after an attempt. */
export interface ContentReport {
  /** Objects left, by resource in upstream's print form (`pods.`, `deployments.apps`). */
  remaining: Map<string, number>;
  /** Objects left, by finalizer. */
  finalizers: Map<string, number>;
  errors: unknown[];
  /** How long the remaining pods may take to end, in seconds. */
  estimateSeconds: number;
}

/**
 * Pods go first: what they use (secrets, services, claims) stays until the last of them has ended (KEP-5080). Kinds that
 * cannot be listed or deleted are skipped.
 */
export async function deleteContent(
  client: RestClient,
  namespace: string,
  definitions: readonly ResourceDefinition[],
  signal: AbortSignal,
): Promise<ContentReport> {
  const report: ContentReport = { remaining: new Map(), finalizers: new Map(), errors: [], estimateSeconds: 0 };
  const deletable = definitions.filter((each) => each.namespaced && supports(each, 'list', 'delete'));
  const pods = deletable.filter(({ group, names }) => group === '' && names.plural === 'pods');
  for (const definition of pods) await deleteKind(client, namespace, definition, report, signal);
  if (report.remaining.size || report.errors.length) return report;
  await Promise.all(
    deletable
      .filter((definition) => !pods.includes(definition))
      .map(async (definition) => deleteKind(client, namespace, definition, report, signal)),
  );
  return report;
}

async function deleteKind(
  client: RestClient,
  namespace: string,
  definition: ResourceDefinition,
  report: ContentReport,
  signal: AbortSignal,
): Promise<void> {
  try {
    let { items } = await client.list(definition, { namespace, signal });
    if (items.length === 0) return;
    if (supports(definition, 'deletecollection')) {
      await client.deleteCollection(definition, { namespace, propagationPolicy: 'Background', signal });
    } else {
      for (const { metadata } of items) {
        await client.delete(definition, metadata.name, namespace, { propagationPolicy: 'Background', signal });
      }
    }
    ({ items } = await client.list(definition, { namespace, signal }));
    if (items.length === 0) return;
    report.remaining.set(`${definition.names.plural}.${definition.group}`, items.length);
    for (const { metadata } of items) {
      for (const name of metadata.finalizers ?? []) {
        report.finalizers.set(name, (report.finalizers.get(name) ?? 0) + 1);
      }
    }
    const isPods = definition.group === '' && definition.names.plural === 'pods';
    report.estimateSeconds = Math.max(report.estimateSeconds, isPods ? longestGrace(items) : 15);
  } catch (error) {
    // The kind went away, or cannot be deleted after all: neither holds the namespace.
    if (isNotFound(error) || (error instanceof StatusError && error.reason === 'MethodNotAllowed')) return;
    const resource = formatGroupResource({ group: definition.group, resource: definition.names.plural });
    report.errors.push(
      new Error(`${resource}: ${error instanceof Error ? error.message : String(error)}`, { cause: error }),
    );
  }
}

const longestGrace = (pods: readonly Pod[]): number =>
  Math.max(
    0,
    ...pods
      .filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded')
      .map(({ metadata, spec }) => metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 0),
  );
