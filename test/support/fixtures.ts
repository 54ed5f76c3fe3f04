/** The sample manifest of a kind, from `test/fixtures/<plural>.yaml`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ResourceDefinition } from '../../api/meta/resource-definition';

export const loadFixture = ({ names }: ResourceDefinition): any =>
  parse(readFileSync(join(__dirname, '../fixtures', `${names.plural}.yaml`), 'utf8'));
