/** Groups of the Kubernetes community are for approved APIs. Upstream: `pkg/apihelpers` and `validateAPIApproval`. */
import { at } from '../../../../meta/field-checks';
import { type FieldError, invalid, required } from '../../../../meta/field-error';
import type { CustomResourceDefinition } from '../types';

export const approvalAnnotation = 'api-approved.kubernetes.io';

export interface Approval {
  state: 'Approved' | 'Bypassed' | 'Invalid' | 'Missing';
  /** In upstream's words. */
  message: string;
}

/** True for `k8s.io`, `kubernetes.io` and the groups below them. */
export const isCommunityGroup = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

export function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const annotation = metadata?.annotations?.[approvalAnnotation] ?? '';
  const needed = `protected groups must have approval annotation "${approvalAnnotation}"`;
  const reference = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (!annotation) return { state: 'Missing', message: `${needed}, ${reference}` };
  if (annotation.startsWith('unapproved')) {
    return { state: 'Bypassed', message: `not approved: ${JSON.stringify(annotation)}` };
  }
  if (URL.canParse(annotation) && new URL(annotation).host) {
    return { state: 'Approved', message: `approved in ${annotation}` };
  }
  const either = 'with either a URL or a reason starting with "unapproved"';
  return { state: 'Invalid', message: `${needed} ${either}, ${reference}` };
}

/** A state that was there before may stay. */
export function validateApproval(definition: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  if (!isCommunityGroup(definition.spec?.group ?? '')) return [];
  const { state, message } = approvalOf(definition);
  if (old && approvalOf(old).state === state) return [];
  const path = at('metadata', 'annotations').key(approvalAnnotation);
  if (state === 'Missing') return [required(path, message)];
  return state === 'Invalid' ? [invalid(path, definition.metadata?.annotations?.[approvalAnnotation], message)] : [];
}
