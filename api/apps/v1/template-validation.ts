/** What Deployments and ReplicaSets ask of their selector and pod template. Upstream: `pkg/apis/apps/validation`. */
import { setPodTemplateDefaults } from '../../core/v1/pod/defaults';
import type { Container, PodTemplateSpec } from '../../core/v1/pod/types';
import { validatePodTemplateSpec } from '../../core/v1/pod/validation/pod-spec';
import { textColumn, wide } from '../../meta/columns';
import { type FieldError, FieldPath, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { validateLabelSelector } from '../../meta/object-meta';
import type { TableColumn } from '../../meta/resource-definition';
import { selectorFromLabelSelector } from '../../meta/selectors';
import type { KubeObject, LabelSelector } from '../../meta/types';

interface Workload extends KubeObject {
  spec?: { selector?: LabelSelector; template?: PodTemplateSpec };
}

export { setPodTemplateDefaults };

/** The selector must be there, select something, and match the template's own labels; such pods always restart. */
export function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] {
  const path = FieldPath.of('spec', 'selector');
  const templatePath = FieldPath.of('spec', 'template');
  const errors: FieldError[] = [];
  if (!selector) errors.push(required(path));
  else {
    errors.push(...validateLabelSelector(selector, path));
    if (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length) {
      errors.push(invalid(path, selector, 'empty selector is invalid for deployment'));
    }
  }
  const selectorIsValid = errors.length === 0;
  const labels = template?.metadata?.labels;
  if (selectorIsValid && !selectorFromLabelSelector(selector).matches(labels)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalid(templatePath.child('metadata', 'labels'), labels ?? {}, detail));
  }
  errors.push(...validatePodTemplateSpec(template, templatePath));
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  const specPath = templatePath.child('spec');
  if (restartPolicy !== 'Always' && restartPolicy !== undefined) {
    errors.push(notSupported(specPath.child('restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicaSet is not Supported';
    errors.push(forbidden(specPath.child('activeDeadlineSeconds'), detail));
  }
  return errors;
}

const containersOf = (object: Workload): Container[] => object.spec?.template?.spec?.containers ?? [];

/** Containers, Images and Selector, as `-o wide` prints them after Age. */
export const workloadWideColumns: TableColumn[] = [
  wide(
    textColumn<Workload>('Containers', 'Names of each container in the template.', (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
    ),
  ),
  wide(
    textColumn<Workload>('Images', 'Images referenced by each container in the template.', (object) =>
      containersOf(object)
        .map(({ image }) => image)
        .join(','),
    ),
  ),
  wide(
    textColumn<Workload>(
      'Selector',
      'Label selector for pods.',
      (object) => selectorFromLabelSelector(object.spec?.selector).toString() || '<none>',
    ),
  ),
];
