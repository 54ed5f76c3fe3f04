/** Adding ephemeral containers to a pod that exists. */
import { type FieldError, FieldPath, forbidden } from '../../../../meta/field-error';
import { deepEqual } from '../../../../meta/json';
import type { Pod } from '../types';
import { validateImageSpace } from './containers';
import { describeDifference } from './difference';
import { validatePodMetadataAndSpec } from './pod';

/** Upstream: ValidatePodEphemeralContainersUpdate. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return [forbidden(FieldPath.of(), 'static pods do not support ephemeral containers')];
  }
  const path = FieldPath.of('spec', 'ephemeralContainers');
  const wanted = pod.spec?.ephemeralContainers ?? [];
  const errors = [...validatePodMetadataAndSpec(pod), ...validateImageSpace(wanted, path)];
  for (const existing of old.spec?.ephemeralContainers ?? []) {
    const now = wanted.find(({ name }) => name === existing.name);
    if (!now) {
      errors.push(forbidden(path, `existing ephemeral containers "${existing.name}" may not be removed\n`));
    } else if (!deepEqual(existing, now)) {
      const difference = describeDifference('core.EphemeralContainer', existing, now);
      errors.push(
        forbidden(path, `existing ephemeral containers "${existing.name}" may not be changed\n${difference}`),
      );
    }
  }
  return errors;
}
