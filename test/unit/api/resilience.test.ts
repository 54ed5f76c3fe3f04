/** Whatever decoding lets through, no hook of a kind throws: such an object is refused or stored, never an internal error. */
import { columnsOf } from '../../../api/meta/columns';
import { cloneJson } from '../../../api/meta/json';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { resources } from '../../../api/resources';
import { checkObject } from '../../../api/schema/walk';
import { loadFixture } from '../../support/fixtures';

const replacements: unknown[] = [undefined, null, {}, [], [{}], [null], '', 'constructor', 0, -1];

/** Every object that differs from the sample in one place. */
function* mutants(sample: object): Generator<any> {
  for (const path of pathsOf(sample)) {
    for (const value of replacements) {
      const mutant = cloneJson(sample);
      const last = path.at(-1)!;
      const parent = path.slice(0, -1).reduce<any>((object, key) => object[key], mutant);
      if (value === undefined) delete parent[last];
      else parent[last] = value;
      yield mutant;
    }
  }
}

/** The sample with properties of all objects as keys: maps keep them, structures are rid of them. */
function* withPropertyNames(sample: object): Generator<any> {
  for (const path of pathsOf(sample)) {
    const mutant = cloneJson(sample);
    const place = path.reduce<any>((object, key) => object[key], mutant);
    if (typeof place !== 'object' || place === null || Array.isArray(place)) continue;
    for (const name of ['constructor', '__proto__', 'toString']) {
      Object.defineProperty(place, name, { value: '1', enumerable: true, writable: true, configurable: true });
    }
    yield mutant;
  }
}

function* pathsOf(value: unknown, path: string[] = []): Generator<string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsOf(inner, [...path, key]);
  }
}

/** What is done with objects that may be stored. */
function showValid(definition: ResourceDefinition, object: any): void {
  definition.warnings?.(object);
  for (const column of columnsOf(definition)) column.value(object, Date.parse('2026-01-01T00:00:00Z'));
  for (const field of Object.values(definition.selectableFields ?? {})) field(object);
}

/** As the server treats a body, up to where it is stored. Conversions come before validation. */
function createAndUpdate(definition: ResourceDefinition, object: any, old: any): void {
  object.metadata ??= {};
  object.metadata.uid = 'a-uid';
  definition.defaults?.(object);
  const created = cloneJson(object);
  definition.prepareForCreate?.(created);
  if ((definition.validate?.(created) ?? []).length === 0) showValid(definition, created);
  for (const version of definition.servedVersions ?? []) version.decode(version.encode(created));
  const hooks = [definition, definition.subresources?.status, ...Object.values(definition.subresources?.update ?? {})];
  for (const hook of hooks) {
    const updated = cloneJson(object);
    hook?.prepareForUpdate?.(updated, old);
    const errors = (hook?.validateUpdate ?? definition.validateUpdate)?.(updated, old) ?? [];
    if (errors.length === 0) hook?.warnings?.(updated, old);
  }
}

const stored = resources.filter(({ verbs }) => verbs.includes('watch'));

it.each(stored.map((definition) => [definition.kind, definition] as const))(
  '%s survives any object',
  (_, definition) => {
    const old = loadFixture(definition);
    checkObject(definition.schema, old);
    createAndUpdate(definition, old, cloneJson(old));
    const failures = new Set<string>();
    const sample = loadFixture(definition) as object;
    for (const mutant of [...mutants(sample), ...withPropertyNames(sample)]) {
      const text = JSON.stringify(mutant);
      const { typeErrors } = checkObject(definition.schema, mutant);
      if (typeErrors.length) continue;
      try {
        createAndUpdate(definition, mutant, cloneJson(old));
      } catch (error) {
        failures.add(`${(error as Error).stack?.split('\n').slice(0, 2).join(' ')}: ${text}`);
      }
    }
    expect([...failures]).toEqual([]);
  },
);
