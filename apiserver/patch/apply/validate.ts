/** Checks an applied configuration against its type, in upstream's words. Upstream: structured-merge-diff `typed/validate.go`. */
import { isObject, itemElement } from './list-items';
import { fieldElement, printPath } from './path-element';
import type { ListType, MapType, Scalar, TypeSchema } from './type-schema';
import { formOf } from './typed-value';

/** What is wrong, each with its path: `.spec.replicaz: field not declared in schema`. */
export function validateConfig(type: TypeSchema, config: unknown): string[] {
  const errors: string[] = [];
  visit(type, config, [], (path, message) => errors.push(path.length ? `${printPath(path)}: ${message}` : message));
  return errors;
}

/** As upstream joins them. */
export const joinErrors = (errors: readonly string[]): string =>
  errors.length === 1 ? errors[0]! : ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');

type Report = (path: readonly string[], message: string) => void;

function visit(type: TypeSchema, value: unknown, path: readonly string[], report: Report): void {
  if (value === null || value === undefined) return;
  const { map, list } = formOf(type, value);
  if (map) visitMap(map, value, path, report);
  else if (list) visitList(list, value, path, report);
  else if (type.scalar) visitScalar(type.scalar, value, path, report);
}

function visitMap(map: MapType, value: unknown, path: readonly string[], report: Report): void {
  if (!isObject(value)) return report(path, `expected map, got ${printValue(value)}`);
  for (const [name, member] of Object.entries(value)) {
    const type = map.fields.get(name)?.type ?? map.element;
    const at = [...path, fieldElement(name)];
    if (type) visit(type, member, at, report);
    else report(at, 'field not declared in schema');
  }
}

function visitList(list: ListType, value: unknown, path: readonly string[], report: Report): void {
  if (!Array.isArray(value)) return report(path, `expected list, got ${printValue(value)}`);
  const observed = new Set<string>();
  value.forEach((item: unknown, index) => {
    let element = `i:${index}`;
    if (list.relationship !== 'atomic') {
      try {
        element = itemElement(list, item);
      } catch (error) {
        return report(path, `element ${index}: ${(error as Error).message}`);
      }
      if (observed.has(element)) report(path, `duplicate entries for key ${printPath([element])}`);
      observed.add(element);
    }
    visit(list.item, item, [...path, element], report);
  });
}

function visitScalar(scalar: Scalar, value: unknown, path: readonly string[], report: Report): void {
  switch (scalar) {
    case 'numeric':
      if (typeof value !== 'number') report(path, `expected numeric (int or float), got ${goTypeOf(value)}`);
      return;
    case 'string':
      if (typeof value !== 'string') {
        report(path, `expected string, got &value.valueUnstructured{Value:${printGoSyntax(value)}}`);
      }
      return;
    case 'boolean':
      if (typeof value !== 'boolean') report(path, `expected boolean, got ${printValue(value)}`);
      return;
    case 'untyped':
      if (typeof value === 'object') report(path, `expected any scalar, got ${printValue(value)}`);
  }
}

/** Go's `%T` of a decoded JSON value. */
function goTypeOf(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** Go's `%v` of a value behind a pointer. */
const printValue = (value: unknown): string => `&{${printPlain(value)}}`;

function printPlain(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printPlain).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([name, member]) => `${name}:${printPlain(member)}`).join(' ')}]`;
}

/** Go's `%#v`. */
function printGoSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(printGoSyntax).join(', ')}}`;
  if (!isObject(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = members.map(([name, member]) => `${JSON.stringify(name)}:${printGoSyntax(member)}`).join(', ');
  return `map[string]interface {}{${text}}`;
}
