/** What a terminating namespace says about its own deletion. Upstream: `status_condition_utils.go`. */
import type { Namespace } from '../../../api/core/v1/namespace';
import { setCondition } from '../../../api/meta/conditions';
import { cloneJson } from '../../../api/meta/json';
import { formatTime } from '../../../component-base/clock';
import type { Discovery } from '../../discovery';
import { messageOf } from '../pod-control';
import type { ContentReport } from './delete-content';

type NamespaceCondition = NonNullable<NonNullable<Namespace['status']>['conditions']>[number];

/** The conditions with every deletion condition set; trouble is True. Times move only when a status does. */
export function deletionConditions(
  current: readonly NamespaceCondition[] | undefined,
  failures: Discovery['failures'],
  report: ContentReport,
  now: number,
): NamespaceCondition[] {
  const conditions = cloneJson([...(current ?? [])]);
  for (const condition of [discovery(failures), parsing(), content(report), remaining(report), finalizers(report)]) {
    setCondition(conditions, condition, formatTime(now));
  }
  return conditions;
}

const fine = (type: string, reason: string, message: string): NamespaceCondition => ({
  type,
  status: 'False',
  reason,
  message,
});

const trouble = (type: string, reason: string, message: string): NamespaceCondition => ({
  type,
  status: 'True',
  reason,
  message,
});

function discovery(failures: Discovery['failures']): NamespaceCondition {
  const type = 'NamespaceDeletionDiscoveryFailure';
  if (!failures.length) return fine(type, 'ResourcesDiscovered', 'All resources successfully discovered');
  const groups = failures.map(({ groupVersion, error }) => `${groupVersion}: ${messageOf(error)}`).join(', ');
  return trouble(
    type,
    'DiscoveryFailed',
    `Discovery failed for some groups, ${failures.length} failing: unable to retrieve the complete list of server APIs: ${groups}`,
  );
}

const parsing = (): NamespaceCondition =>
  fine(
    'NamespaceDeletionGroupVersionParsingFailure',
    'ParsedGroupVersions',
    'All legacy kube types successfully parsed',
  );

function content({ errors }: ContentReport): NamespaceCondition {
  const type = 'NamespaceDeletionContentFailure';
  if (!errors.length) {
    return fine(type, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization');
  }
  const messages = errors.map(messageOf).sort().join(', ');
  return trouble(
    type,
    'ContentDeletionFailed',
    `Failed to delete all resource types, ${errors.length} remaining: ${messages}`,
  );
}

function remaining(report: ContentReport): NamespaceCondition {
  const type = 'NamespaceContentRemaining';
  if (!report.remaining.size) return fine(type, 'ContentRemoved', 'All content successfully removed');
  const counts = [...report.remaining].map(([resource, count]) => `${resource} has ${count} resource instances`);
  return trouble(type, 'SomeResourcesRemain', `Some resources are remaining: ${counts.sort().join(', ')}`);
}

function finalizers(report: ContentReport): NamespaceCondition {
  const type = 'NamespaceFinalizersRemaining';
  if (!report.finalizers.size) {
    return fine(type, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished');
  }
  const counts = [...report.finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  return trouble(
    type,
    'SomeFinalizersRemain',
    `Some content in the namespace has finalizers remaining: ${counts.sort().join(', ')}`,
  );
}
