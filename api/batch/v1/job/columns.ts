/** What `kubectl get jobs` shows. Upstream: printJob in `pkg/printers/internalversion/printers.go`. */
import { selectorColumn, templateColumns } from '../../../core/v1/pod/template-columns';
import { ageColumn, humanDuration, nameColumn, textColumn, wide } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import { hasJobCondition } from './conditions';
import type { Job } from './types';

function formatCompletions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function formatStatus(job: Job): string {
  if (hasJobCondition(job, 'Complete')) return 'Complete';
  if (hasJobCondition(job, 'Failed')) return 'Failed';
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  const later = (['Suspended', 'FailureTarget', 'SuccessCriteriaMet'] as const).find((type) =>
    hasJobCondition(job, type),
  );
  return later ?? 'Running';
}

function formatDuration({ status }: Job, now: number): string {
  const { startTime, completionTime } = status ?? {};
  if (!startTime) return '';
  return humanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime));
}

export const jobColumns: TableColumn<Job>[] = [
  nameColumn,
  textColumn('Status', 'Status of the job.', formatStatus),
  textColumn(
    'Completions',
    'The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. However, it may decrease in reaction to scale down of elastic indexed jobs.',
    formatCompletions,
  ),
  textColumn('Duration', 'Time required to complete the job.', formatDuration),
  ageColumn,
  ...templateColumns<Job>(({ spec }) => spec?.template).map(wide),
  selectorColumn<Job>(({ spec }) => spec?.selector),
];
