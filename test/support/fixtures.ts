/** The sample manifest of a kind, from `test/fixtures/<plural>.yaml`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ResourceDefinition } from '../../api/meta/resource-definition';

export const loadFixture = ({ names }: ResourceDefinition): any =>
  parse(readFileSync(join(__dirname, '../fixtures', `${names.plural}.yaml`), 'utf8'));

/** The sample with a name of its own, so that tests share a server; kinds that prescribe the name keep the sample's. */
export function namedFixture(definition: ResourceDefinition, prefix: string): any {
  const object = loadFixture(definition);
  const metadata = (object.metadata ??= { name: 'sample' });
  if (metadata.name === 'sample') metadata.name = `${prefix}-${definition.names.singular}`;
  delete metadata.namespace;
  return object;
}
