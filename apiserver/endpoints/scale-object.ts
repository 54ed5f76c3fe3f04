/** A Scale as it is made from an object, and where an object keeps what a Scale says. Pure. */
import { ageColumn, integerColumn, nameColumn } from '../../api/meta/columns';
import type { ScaleSubresource, TableColumn } from '../../api/meta/resource-definition';
import { selectorFromLabelSelector, selectorFromMap } from '../../api/meta/selectors';
import type { KubeObject, Stored } from '../../api/meta/types';

export interface Scale extends KubeObject {
  spec?: { replicas?: number };
  status?: { replicas: number; selector?: string };
}

export const scaleColumns: readonly TableColumn<Scale>[] = [
  nameColumn,
  integerColumn(
    'Desired',
    'replicas is the desired number of instances for the scaled object.',
    ({ spec }) => spec?.replicas,
  ),
  integerColumn(
    'Available',
    'replicas is the actual number of observed instances of the scaled object.',
    ({ status }) => status?.replicas,
  ),
  ageColumn,
];

/** A new Scale of `object`; the selector is printed, as autoscaling/v1 has it. */
export function scaleOf(object: Stored<KubeObject>, paths: ScaleSubresource): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const printed = printSelector(paths.selector ? getPath(object, paths.selector) : undefined, paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(getPath(object, paths.specReplicas) ?? 0) },
    status: { replicas: Number(getPath(object, paths.statusReplicas) ?? 0), ...(printed && { selector: printed }) },
  };
}

function printSelector(selector: any, { selectorIsMap }: ScaleSubresource): string {
  if (typeof selector === 'string') return selector;
  if (!selector) return '';
  return (selectorIsMap ? selectorFromMap(selector) : selectorFromLabelSelector(selector)).toString();
}

export const getPath = (object: unknown, path: string): any =>
  path.split('.').reduce<any>((value, field) => value?.[field], object);

export function setPath(object: any, path: string, value: unknown): void {
  const fields = path.split('.');
  const last = fields.pop()!;
  let target = object;
  for (const field of fields) target = target[field] ??= {};
  target[last] = value;
}
