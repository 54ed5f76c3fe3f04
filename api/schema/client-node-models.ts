/**
 * Reads the models of `@kubernetes/client-node` as text. The package must never be imported at run time (its network
 * stack does not load on every supported Node), and its types alone lack what the attribute maps and comments say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ModelField {
  /** As on the wire. */
  name: string;
  /** `string`, `Date`, `V1Pod`, `Array<…>`, `{ [key: string]: …; }`, … */
  type: string;
  format: string;
  required: boolean;
  description?: string;
}

export interface Model {
  /** `V1Pod`. */
  name: string;
  description?: string;
  fields: ModelField[];
}

/** One API class: the models that its operations take and give. */
export interface ApiModels {
  /** `''` for the core group. */
  group: string;
  version: string;
  models: string[];
}

/** The folder of the generated code, found from here upwards. */
export function findGeneratedFolder(from: string): string {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', '@kubernetes', 'client-node', 'dist', 'gen');
    try {
      readdirSync(candidate);
      return candidate;
    } catch (error) {
      if (folder === path.dirname(folder))
        throw new Error('@kubernetes/client-node is not installed', { cause: error });
    }
  }
}

/** All models by name. */
export function readModels(generated: string): Map<string, Model> {
  const folder = path.join(generated, 'models');
  const models = new Map<string, Model>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.js') || file === 'ObjectSerializer.js' || file === 'all.js') continue;
    const name = file.slice(0, -'.js'.length);
    const attributes = /attributeTypeMap = (\[[\s\S]*?\n?\]);/.exec(readFileSync(path.join(folder, file), 'utf8'))?.[1];
    if (attributes)
      models.set(name, readModel(name, attributes, readFileSync(path.join(folder, `${name}.d.ts`), 'utf8')));
  }
  return models;
}

interface Attribute {
  name: string;
  baseName: string;
  type: string;
  format: string;
}

function readModel(name: string, attributes: string, declaration: string): Model {
  const start = declaration.search(/export declare class /);
  const declared = new Map<string, { required: boolean; description?: string }>();
  const member = /(?:\/\*\*\n((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ {4}'([^'\n]+)'(\??):/gm;
  for (const [, comment, field, optional] of declaration.slice(start).matchAll(member)) {
    declared.set(field!, { required: optional === '', ...describe(comment) });
  }
  const head = /\/\*\*\n((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(declaration.slice(0, start))?.[1];
  return {
    name,
    ...describe(head),
    fields: (JSON.parse(attributes) as Attribute[]).map((attribute) => ({
      name: attribute.baseName,
      type: attribute.type,
      format: attribute.format,
      required: false,
      ...declared.get(attribute.name),
    })),
  };
}

/** The text of a comment, without its stars and the generator's escapes. */
function describe(comment: string | undefined): { description?: string } {
  const text = comment
    ?.replace(/^\s*\* ?/gm, '')
    .trim()
    .replace(/\\(['"\\])/g, '$1')
    .replaceAll('*_/', '*/');
  return text ? { description: text } : {};
}

/** What each versioned API class refers to, in the order of the file names. */
export function readApis(generated: string): ApiModels[] {
  const folder = path.join(generated, 'apis');
  return readdirSync(folder)
    .filter((file) => /V\d\w*Api\.js$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const [, group = '', version = ''] = /'\/(?:api|apis\/([^/']+))\/(v\d\w*)\//.exec(text) ?? [];
      const models = [...text.matchAll(/(?:de)?serialize\([^;]*?, "(\w+)", "\w*"\)/g)].map(([, model]) => model!);
      return { group, version, models: [...new Set(models)] };
    });
}
