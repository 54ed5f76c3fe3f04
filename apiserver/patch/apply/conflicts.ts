/** The Conflict that an apply without force is refused with. Upstream: `util/managedfields/internal/conflict.go`. */
import { StatusError } from '../../../api/meta/status-error';
import { type FieldSet, forEachPath } from './field-set';
import { type Manager, managerId } from './managers';
import { printPath } from './path-element';

/** Fields that one manager has and the applier would change. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** Thrown by `apply`: who has what. */
export class ApplyConflict extends Error {
  constructor(readonly conflicts: readonly Conflict[]) {
    super('conflicts with other managers');
  }
}

export function newApplyConflict({ conflicts }: ApplyConflict): StatusError {
  const sorted = conflicts
    .map(({ manager, fields }) => ({ id: managerId(manager), name: printManager(manager), paths: pathsOf(fields) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const causes = sorted.flatMap(({ name, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  const summary =
    causes.length === 1
      ? `1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `${causes.length} conflicts: ${sorted
          .flatMap(({ name, paths }) => [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)])
          .join('\n')}`;
  return new StatusError(409, 'Conflict', `Apply failed with ${summary}`, { causes });
}

function pathsOf(fields: FieldSet): string[] {
  const paths: string[] = [];
  forEachPath(fields, (path) => paths.push(printPath(path)));
  return paths;
}

function printManager({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
