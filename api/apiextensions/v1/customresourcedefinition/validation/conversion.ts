/** How objects are converted between versions. Messages show the paths of upstream's internal form, which is flat. */
import { oneOf } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, required } from '../../../../meta/field-error';
import { validateReviewVersions, validateWebhookClient } from '../../../../meta/webhook-client-config';
import type { CustomResourceConversion } from '../types';

export function validateConversion({ strategy, webhook }: CustomResourceConversion, path: FieldPath): FieldError[] {
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  const clientPath = path.child('webhookClientConfig');
  const versionsPath = path.child('conversionReviewVersions');
  const errors = oneOf(path.child('strategy'), strategy, ['None', 'Webhook']);
  if (strategy === 'Webhook') {
    if (client) errors.push(...validateWebhookClient(client, clientPath));
    else errors.push(required(clientPath, 'required when strategy is set to Webhook'));
    return [...errors, ...validateReviewVersions(versions, versionsPath)];
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (client) errors.push(forbidden(clientPath, detail));
  if (versions.length) errors.push(forbidden(versionsPath, detail));
  return errors;
}
