/** The columns that `kubectl get` prints. */
import { type FieldError, type FieldPath, invalid, required } from '../../../../meta/field-error';
import type { CustomResourceColumnDefinition } from '../types';
import { validateSimpleJsonPath } from './subresources';

const types = ['boolean', 'date', 'integer', 'number', 'string'];
const formats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export const validateColumns = (columns: CustomResourceColumnDefinition[], path: FieldPath): FieldError[] =>
  columns.flatMap((column, index) => validateColumn(column, path.index(index)));

function validateColumn(column: CustomResourceColumnDefinition, path: FieldPath): FieldError[] {
  const { name, type, format, jsonPath } = column;
  const errors: FieldError[] = name ? [] : [required(path.child('name'))];
  const oneOfTypes = `must be one of ${types.join(',')}`;
  if (!type) errors.push(required(path.child('type'), oneOfTypes));
  else if (!types.includes(type)) errors.push(invalid(path.child('type'), type, oneOfTypes));
  if (format && !formats.includes(format)) {
    errors.push(invalid(path.child('format'), format, `must be one of ${formats.join(',')}`));
  }
  const at = path.child('JSONPath');
  return [...errors, ...(jsonPath ? validateSimpleJsonPath(jsonPath, at) : [required(at)])];
}
