/** Checks of a RuntimeClass. Upstream: `pkg/apis/node/validation`. */
import { validateContainerResources } from '../../core/v1/pod/validation/resources';
import { validateTolerations } from '../../core/v1/pod/validation/scheduling';
import { at, invalidEach, repeatedAt } from '../../meta/field-checks';
import { duplicate, type FieldError } from '../../meta/field-error';
import { isDns1123Label } from '../../meta/names';
import { validateLabels } from '../../meta/object-meta';
import type { RuntimeClass } from './runtimeclass';

export function validateRuntimeClass({ handler = '', overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = invalidEach(at('handler'), handler, isDns1123Label(handler));
  if (overhead)
    errors.push(...validateContainerResources({ limits: overhead.podFixed }, [], at('overhead', 'podFixed')));
  if (!scheduling) return errors;
  const { nodeSelector, tolerations = [] } = scheduling;
  // Upstream names the field twice.
  const path = at('scheduling', 'tolerations', 'tolerations');
  errors.push(...validateLabels(nodeSelector, at('scheduling', 'nodeSelector')));
  errors.push(...validateTolerations(tolerations, path));
  const texts = tolerations.map((toleration) => JSON.stringify(Object.entries(toleration).sort()));
  for (const index of repeatedAt(texts)) errors.push(duplicate(path.index(index), tolerations[index]));
  return errors;
}
