/** PodTemplate: a pod template by name. */
import type { V1PodTemplate } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { formatLabels, nameColumn, textColumn } from '../../meta/columns';
import { at } from '../../meta/field-checks';
import type { FieldError } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { setPodTemplateDefaults } from './pod/defaults';
import { templateColumns } from './pod/template-columns';
import { validatePodTemplateSpec } from './pod/validation/pod-spec';
import { podTemplateWarnings } from './pod/warnings';

export interface PodTemplate extends Wire<V1PodTemplate> {}

const path = at('template');

const validate = ({ template }: PodTemplate): FieldError[] => validatePodTemplateSpec(template, path);

export const podTemplates = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  names: { plural: 'podtemplates', singular: 'podtemplate' },
  scope: 'Namespaced',
  returnDeletedObject: true,
  generation: true,
  allowUnconditionalUpdate: true,
  defaults: (object) => setPodTemplateDefaults((object.template ??= {})),
  validate,
  validateUpdate: validate,
  warnings: (object, old) => podTemplateWarnings(object.template, old?.template, path),
  columns: [
    nameColumn,
    ...templateColumns<PodTemplate>(({ template }) => template),
    textColumn('Pod Labels', 'The labels for the pod template.', ({ template }) =>
      formatLabels(template?.metadata?.labels),
    ),
  ],
});
