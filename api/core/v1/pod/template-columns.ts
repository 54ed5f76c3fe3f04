/** What tables show of a pod template. Upstream: layoutContainerCells in `pkg/printers/internalversion/printers.go`. */
import { textColumn, wide } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import { selectorFromLabelSelector } from '../../../meta/selectors';
import type { KubeObject, LabelSelector } from '../../../meta/types';
import type { Container, PodTemplateSpec } from './types';

/** Containers and Images. */
export function templateColumns<T extends KubeObject>(
  templateOf: (object: T) => PodTemplateSpec | undefined,
): TableColumn<T>[] {
  const listOf =
    (field: (container: Container) => string | undefined) =>
    (object: T): string =>
      (templateOf(object)?.spec?.containers ?? []).map(field).join(',');
  return [
    textColumn(
      'Containers',
      'Names of each container in the template.',
      listOf(({ name }) => name),
    ),
    textColumn(
      'Images',
      'Images referenced by each container in the template.',
      listOf(({ image }) => image),
    ),
  ];
}

export const selectorColumn = <T extends KubeObject>(
  selectorOf: (object: T) => LabelSelector | undefined,
): TableColumn<T> =>
  wide(
    textColumn(
      'Selector',
      'Label selector for pods.',
      (object) => selectorFromLabelSelector(selectorOf(object)).toString() || '<none>',
    ),
  );
