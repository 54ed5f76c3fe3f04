/** Defaults of a CustomResourceDefinition. Upstream: `pkg/apis/apiextensions/v1/defaults.go`. */
import type { CustomResourceDefinition } from './types';

export function setDefaults({ spec }: CustomResourceDefinition): void {
  // A body need not have what it is required to have.
  if (!spec) return;
  const { names } = spec;
  if (names) {
    names.singular ||= names.kind?.toLowerCase();
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}
