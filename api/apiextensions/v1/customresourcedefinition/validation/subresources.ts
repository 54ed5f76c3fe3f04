/** Where `scale` finds its numbers, and the simple JSON paths of columns and scale. */
import { type FieldError, type FieldPath, invalid, required } from '../../../../meta/field-error';
import type { CustomResourceSubresources } from '../types';

/** Upstream asks for no more than the dot; the rest is a matter of evaluation. */
export function validateSimpleJsonPath(text: string, path: FieldPath): FieldError[] {
  return text.startsWith('.') ? [] : [invalid(path, text, 'must be a simple json path starting with .')];
}

function validateReplicasPath(text: string, parent: '.spec' | '.status', path: FieldPath): FieldError[] {
  if (!text) return [required(path)];
  const errors = validateSimpleJsonPath(text, path);
  if (errors.length || text.startsWith(`${parent}.`)) return errors;
  return [invalid(path, text, `should be a json path under ${parent}`)];
}

export function validateSubresources({ scale }: CustomResourceSubresources, path: FieldPath): FieldError[] {
  if (!scale) return [];
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale;
  const errors = [
    ...validateReplicasPath(specReplicasPath, '.spec', path.child('scale', 'specReplicasPath')),
    ...validateReplicasPath(statusReplicasPath, '.status', path.child('scale', 'statusReplicasPath')),
  ];
  if (!labelSelectorPath) return errors;
  const at = path.child('scale', 'labelSelectorPath');
  const problems = validateSimpleJsonPath(labelSelectorPath, at);
  if (problems.length === 0 && !/^\.(spec|status)\./.test(labelSelectorPath)) {
    problems.push(invalid(at, labelSelectorPath, 'should be a json path under either .spec or .status'));
  }
  return [...errors, ...problems];
}
