/** How objects are converted between versions. Messages show the paths of upstream's internal form, which is flat. */
import { invalidEach, oneOf, repeatedAt } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, required } from '../../../../meta/field-error';
import { isDns1035Label } from '../../../../meta/names';
import { validateWebhookClient } from '../../../../meta/webhook-client-config';
import type { CustomResourceConversion } from '../types';

const reviewVersions = ['v1', 'v1beta1'];

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

function validateReviewVersions(versions: string[], path: FieldPath): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const repeated = repeatedAt(versions);
  const errors = versions.flatMap((version, index) =>
    repeated.has(index)
      ? [invalid(path.index(index), version, 'duplicate version')]
      : invalidEach(path.index(index), version, isDns1035Label(version)),
  );
  if (!versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
  return errors;
}
