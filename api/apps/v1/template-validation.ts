/** What workloads ask of their selector and pod template. Upstream: `pkg/apis/apps/validation`. */
import { setPodTemplateDefaults } from '../../core/v1/pod/defaults';
import type { PodTemplateSpec } from '../../core/v1/pod/types';
import { podTemplateWarnings } from '../../core/v1/pod/warnings';
import { validatePodTemplateSpec } from '../../core/v1/pod/validation/pod-spec';
import { selectorColumn, templateColumns } from '../../core/v1/pod/template-columns';
import { wide } from '../../meta/columns';
import { type FieldError, FieldPath, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { validateLabelSelector } from '../../meta/object-meta';
import type { TableColumn } from '../../meta/resource-definition';
import { selectorFromLabelSelector } from '../../meta/selectors';
import type { KubeObject, LabelSelector } from '../../meta/types';

export interface Workload extends KubeObject {
  spec?: { selector?: LabelSelector; template?: PodTemplateSpec };
}

export { setPodTemplateDefaults };

const selectorPath = FieldPath.of('spec', 'selector');
const templatePath = FieldPath.of('spec', 'template');

/** The selector must be there and select something. `kind` is how upstream's message names the workload. */
export function validateWorkloadSelector(selector: LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required(selectorPath)];
  const errors = validateLabelSelector(selector, selectorPath);
  if (Object.keys(selector.matchLabels ?? {}).length || selector.matchExpressions?.length) return errors;
  return [...errors, invalid(selectorPath, selector, `empty selector is invalid for ${kind}`)];
}

/** What a valid selector selects must be the template's own pods. An empty selector is reported by itself. */
export function validateSelectsTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] {
  if (!selector || validateLabelSelector(selector, selectorPath).length) return [];
  const labels = template?.metadata?.labels;
  if (selectorFromLabelSelector(selector).matches(labels)) return [];
  const detail = '`selector` does not match template `labels`';
  return [invalid(templatePath.child('metadata', 'labels'), labels ?? {}, detail)];
}

/** Pods of these workloads restart for ever. `kind` is how upstream's message names the workload. */
export function validateAlwaysRestarts(
  template: PodTemplateSpec | undefined,
  kind: string,
  path: FieldPath = templatePath,
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  const errors: FieldError[] = [];
  if (restartPolicy !== 'Always' && restartPolicy !== undefined) {
    errors.push(notSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), detail));
  }
  return errors;
}

/** All that Deployments and ReplicaSets ask; upstream's messages do not tell them apart. */
export const validateSelectorAndTemplate = (
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] => [
  ...validateWorkloadSelector(selector, 'deployment'),
  ...validateSelectsTemplate(selector, template),
  ...validatePodTemplateSpec(template, templatePath),
  ...validateAlwaysRestarts(template, 'ReplicaSet'),
];

/** Warnings about the template, when there is a new one. Every workload has it under `spec.template`. */
export const workloadWarnings = (object: Workload, old?: Workload): string[] =>
  podTemplateWarnings(object.spec?.template, old?.spec?.template, templatePath);

/** Containers, Images and Selector, as `-o wide` prints them after Age. */
export const workloadWideColumns: TableColumn[] = [
  ...templateColumns<Workload>((object) => object.spec?.template).map(wide),
  selectorColumn<Workload>((object) => object.spec?.selector),
];
