/** MutatingWebhookConfiguration and ValidatingWebhookConfiguration: HTTPS callbacks that change or refuse requests. */
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource, type TableColumn } from '../../meta/resource-definition';
import { configurationKind } from './configuration';
import { setWebhookDefaults } from './defaults';
import { validateWebhooks } from './webhook-validation';
import type { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from './types';

const columns: TableColumn<MutatingWebhookConfiguration | ValidatingWebhookConfiguration>[] = [
  nameColumn,
  {
    name: 'Webhooks',
    type: 'integer',
    description: 'Webhooks indicates the number of webhooks registered in this configuration',
    value: ({ webhooks }) => webhooks?.length ?? 0,
  },
  ageColumn,
];

const shared = {
  ...configurationKind,
  validate: validateWebhooks,
  columns,
} as const;

export const mutatingWebhookConfigurations = defineResource<MutatingWebhookConfiguration>({
  ...shared,
  kind: 'MutatingWebhookConfiguration',
  names: {
    plural: 'mutatingwebhookconfigurations',
    singular: 'mutatingwebhookconfiguration',
    categories: ['api-extensions'],
  },
  defaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
});

export const validatingWebhookConfigurations = defineResource<ValidatingWebhookConfiguration>({
  ...shared,
  kind: 'ValidatingWebhookConfiguration',
  names: {
    plural: 'validatingwebhookconfigurations',
    singular: 'validatingwebhookconfiguration',
    categories: ['api-extensions'],
  },
  defaults: ({ webhooks }) => webhooks?.forEach(setWebhookDefaults),
});
