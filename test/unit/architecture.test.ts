/** The design's dependency table, enforced: who may import whom, who owns an outside package, no cycles, no sprawl. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const folders = [
  'api',
  'component-base',
  'client',
  'apiserver',
  'scheduler',
  'controller-manager',
  'kubelet',
  'kube-proxy',
  'deploy',
];

/** Own folders that each folder may import, beside itself. */
const mayImport: Record<string, string[]> = {
  api: [],
  'component-base': [],
  client: ['api', 'component-base'],
  apiserver: ['api', 'component-base', 'client'],
  scheduler: ['api', 'client', 'component-base'],
  'controller-manager': ['api', 'client', 'component-base'],
  kubelet: ['api', 'client', 'component-base'],
  'kube-proxy': ['api', 'client', 'component-base'],
  deploy: ['api', 'client', 'component-base'],
};

/** Where each owned outside package may be imported. */
const owners: Record<string, RegExp> = {
  etcd3: /^apiserver\/storage\/etcd\.ts$/,
  dockerode: /^kubelet\/runtime\/docker\.ts$/,
  pino: /^component-base\//,
  'prom-client': /^component-base\//,
  re2js: /^apiserver\/cel\//,
  express: /^(apiserver|kubelet\/server)\//,
};

interface Import {
  from: string;
  specifier: string;
  typeOnly: boolean;
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm);
  const requires = text.matchAll(/\b(?:require|import)\('([^']+)'\)/g);
  return [
    ...[...statements].map(([, type, named, bare]) => ({
      from: file,
      specifier: named ?? bare ?? '',
      typeOnly: Boolean(type),
    })),
    ...[...requires].map(([, specifier = '']) => ({ from: file, specifier, typeOnly: false })),
  ];
}

function resolveOwn(from: string, specifier: string): string | undefined {
  const base = relative(root, resolve(root, dirname(from), specifier));
  return [`${base}.ts`, join(base, 'index.ts'), base].find(
    (path) => path.endsWith('.ts') && existsSync(join(root, path)),
  );
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const sources = folders.filter((folder) => existsSync(join(root, folder))).flatMap(sourcesBelow);
const imports = sources.flatMap(importsOf);
const own = imports.filter(({ specifier }) => specifier.startsWith('.'));
const outside = imports.filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'));
const topOf = (path: string): string => path.split('/')[0] ?? '';

describe('the dependency table', () => {
  it('lets a folder import only what the design allows', () => {
    const wrong = own.flatMap(({ from, specifier }) => {
      const target = relative(root, resolve(root, dirname(from), specifier));
      const [source, destination] = [topOf(from), topOf(target)];
      return source === destination || mayImport[source]?.includes(destination) ? [] : [`${from} → ${target}`];
    });
    expect(wrong).toEqual([]);
  });

  it('lets the API server use the client only in its controllers', () => {
    const wrong = own
      .filter(({ from, specifier }) => topOf(from) === 'apiserver' && /(^|\/)client\//.test(specifier))
      .filter(({ from, specifier }) => topOf(relative(root, resolve(root, dirname(from), specifier))) === 'client')
      .filter(({ from, typeOnly }) => !from.startsWith('apiserver/controllers/') && !typeOnly)
      .map(({ from, specifier }) => `${from} → ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('gives each outside package one owner', () => {
    const wrong = outside
      .filter(({ specifier, typeOnly }) => owners[packageOf(specifier)] && !typeOnly)
      .filter(({ from, specifier }) => !owners[packageOf(specifier)]?.test(from))
      .map(({ from, specifier }) => `${from} → ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('imports client-node for its types only', () => {
    const wrong = outside
      .filter(({ specifier, typeOnly }) => packageOf(specifier) === '@kubernetes/client-node' && !typeOnly)
      .map(({ from }) => from);
    expect(wrong).toEqual([]);
  });

  it('uses only packages that package.json names, and node: for built-in modules', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
    const known = new Set([...Object.keys(manifest.dependencies ?? {}), '@kubernetes/client-node']);
    const wrong = outside
      .filter(({ specifier }) => !known.has(packageOf(specifier)) || builtinModules.includes(specifier))
      .map(({ from, specifier }) => `${from} → ${specifier}`);
    expect(wrong).toEqual([]);
  });

  it('has no import cycles', () => {
    const graph = new Map<string, string[]>();
    for (const { from, specifier, typeOnly } of own) {
      const target = typeOnly ? undefined : resolveOwn(from, specifier);
      if (target) graph.set(from, [...(graph.get(from) ?? []), target]);
    }
    expect(findCycles(graph)).toEqual([]);
  });
});

describe('the layout', () => {
  it('has no file over 500 lines', () => {
    const long = [...sources, ...sourcesBelow('test')]
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 500)
      .map(({ file, lines }) => `${file}: ${lines}`);
    expect(long).toEqual([]);
  });

  it('has no files named for nothing', () => {
    expect(sources.filter((file) => /\/(utils?|helpers?|common|misc)\.ts$/.test(file))).toEqual([]);
  });

  it('has a source beside every unit test', () => {
    const orphans = sourcesBelow('test/unit')
      .filter((file) => file.endsWith('.test.ts') && file !== 'test/unit/architecture.test.ts')
      .filter((file) => {
        const subject = relative('test/unit', file).replace(/\.test\.ts$/, '');
        return ![`${subject}.ts`, subject, dirname(subject)].some((path) => existsSync(join(root, path)));
      });
    expect(orphans).toEqual([]);
  });
});

/** Each cycle once, as `a → b → a`. */
function findCycles(graph: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, path: string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      cycles.push([...path.slice(at), node].join(' → '));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
