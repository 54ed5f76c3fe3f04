/** Checks of an APIService. Upstream: kube-aggregator `pkg/apis/apiregistration/validation`. */
import { at, invalidEach } from '../../meta/field-checks';
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error';
import { isDns1035Label, isDns1123Subdomain, isValidPathSegmentName } from '../../meta/names';
import type { ApiService } from './apiservice';

export function validateApiService({ metadata, spec }: ApiService): FieldError[] {
  const { group = '', version = '', service, caBundle = '', insecureSkipTLSVerify = false } = spec ?? {};
  const path = at('spec');
  const name = metadata?.name ?? '';
  const requiredName = `${version}.${group}`;
  const errors: FieldError[] = [];
  if (name !== requiredName && isValidPathSegmentName(name).length === 0) {
    const detail = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(requiredName)}`;
    errors.push(invalid(at('metadata', 'name'), name, detail));
  }
  if (group) errors.push(...invalidEach(path.child('group'), group, isDns1123Subdomain(group)));
  else if (version !== 'v1') {
    errors.push(required(path.child('group'), 'only v1 may have an empty group and it better be legacy kube'));
  }
  errors.push(...invalidEach(path.child('version'), version, isDns1035Label(version)));
  for (const [field, limit] of [
    ['groupPriorityMinimum', 20_000],
    ['versionPriority', 1000],
  ] as const) {
    const value = spec?.[field] ?? 0;
    if (value <= 0 || value > limit) {
      errors.push(invalid(path.child(field), value, `must be positive and less than ${limit}`));
    }
  }
  const insecurePath = path.child('insecureSkipTLSVerify');
  if (!service) {
    if (caBundle) {
      const bytes = `${Buffer.from(caBundle, 'base64').length} bytes`;
      errors.push(invalid(path.child('caBundle'), bytes, 'local APIServices may not have a caBundle'));
    }
    if (insecureSkipTLSVerify) {
      errors.push(invalid(insecurePath, true, 'local APIServices may not have insecureSkipTLSVerify'));
    }
    return errors;
  }
  for (const field of ['namespace', 'name'] as const) {
    if (!service[field]) errors.push(required(path.child('service', field)));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(invalid(insecurePath, true, 'may not be true if caBundle is present'));
  }
  return errors;
}

export function validateApiServiceStatus({ status }: ApiService): FieldError[] {
  const statuses = ['True', 'False', 'Unknown'];
  return (status?.conditions ?? []).flatMap((condition, index) => {
    const path = at('status', 'conditions').index(index).child('status');
    return statuses.includes(condition.status) ? [] : [notSupported(path, condition.status, statuses)];
  });
}
