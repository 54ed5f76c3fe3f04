/**
 * The image all components run from, made of this machine's own programs and this checkout's compiled code, because a lab may
 * have no registry to take a base image from. Its tag is a hash of what is in it.
 */
import { createHash } from 'node:crypto';
import { access, cp, lstat, mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { run } from '../../component-base/run-command';
import type { Engine } from '../engine';
import { makeImage, putBusybox } from '../images';
import { SetupError } from '../setup-error';
import { imageRoot } from './compose-file';

const repository = 'kubelab/components';
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const checkout = resolve(__dirname, '../../..');
/** Beside Node: etcd, and what kubelet and kube-proxy call. Busybox gives a shell for the rest. */
const programs = ['etcd', 'ip', 'iptables', 'iptables-restore', 'iptables-save', 'mount', 'umount', 'nsenter'];
const cniFolder = '/usr/lib/cni';

/** Makes the image unless the engine has it; gives its reference. */
export async function ensureComponentImage(engine: Engine): Promise<string> {
  const sources = await imageSources();
  const reference = `${repository}:${await hashOf(sources)}`;
  await makeImage(engine, {
    reference,
    changes: [`ENV PATH=${searchPath}`, 'CMD ["sh"]'],
    fill: (folder) => fill(folder, sources),
  });
  return reference;
}

/** A file or folder of this machine and its place in the image. */
interface Source {
  from: string;
  to: string;
}

interface ImageSources {
  copies: Source[];
  /** Programs that are several by their name: link to target. */
  links: Source[];
}

async function imageSources(): Promise<ImageSources> {
  const copies: Source[] = [{ from: process.execPath, to: '/usr/local/bin/node' }];
  const links: Source[] = [];
  for (const name of programs) {
    const file = await realpath(await findProgram(name));
    const to = join('/usr/sbin', basename(file));
    if (!copies.some((copy) => copy.to === to)) copies.push({ from: file, to });
    if (basename(file) !== name) links.push({ from: join('/usr/sbin', name), to: basename(file) });
  }
  const plugins = (await readdir(cniFolder)).map((name) => join(cniFolder, name));
  const matches = await extensionFolders();
  const libraries = await librariesOf([...copies.map(({ from }) => from), ...plugins]);
  const asOnHost = [...libraries, ...matches, ...plugins].map((path) => ({ from: path, to: path }));
  const code = ['dist', 'package.json', ...(await productionPackages())].map((path) => ({
    from: join(checkout, path),
    to: join(imageRoot, path),
  }));
  return { copies: [...copies, ...asOnHost, ...code], links };
}

async function findProgram(name: string): Promise<string> {
  for (const folder of [...(process.env.PATH ?? '').split(':'), ...searchPath.split(':')]) {
    const path = join(folder, name);
    if (await exists(path)) return path;
  }
  throw new SetupError(`The program ${name} is missing.`, { remedy: 'Install it: the image is made of this machine.' });
}

/** The libraries and the loader that the programs are linked with, at the paths where the loader looks for them. */
async function librariesOf(files: string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const file of files) {
    // ldd fails for what is linked statically.
    const { stdout } = await run('ldd', [file], { allowFailure: true });
    for (const [, path = ''] of stdout.matchAll(/(?:^\s*|=> )(\/\S+) \(0x/gm)) found.add(path);
  }
  return [...found].sort();
}

/** iptables loads its matches and targets from one of these. */
async function extensionFolders(): Promise<string[]> {
  const below = (await readdir('/usr/lib')).map((name) => join('/usr/lib', name, 'xtables'));
  const folders: string[] = [];
  for (const folder of ['/usr/lib/xtables', ...below]) if (await exists(folder)) folders.push(folder);
  return folders;
}

/** The folders of the packages that the lock file does not mark as for development only. */
async function productionPackages(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const wanted = Object.entries(lock.packages).filter(([path, entry]) => path && !entry.dev && !entry.devOptional);
  const folders: string[] = [];
  for (const [path] of wanted) if (await exists(join(checkout, path))) folders.push(path);
  return folders.sort();
}

/** Tests and their caches stay out, and so do packages below others, which have entries of their own. */
const isLeftOut = (root: string, path: string): boolean =>
  path !== root && (path === join(checkout, 'dist/test') || basename(path) === 'node_modules');

async function fill(folder: string, { copies, links }: ImageSources): Promise<void> {
  await putBusybox(folder);
  await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  for (const { from, to } of copies) {
    const target = join(folder, to);
    await mkdir(dirname(target), { recursive: true });
    await cp(from, target, {
      recursive: true,
      // A library is asked for by the name of a link to it.
      dereference: !(await lstat(from)).isDirectory(),
      filter: (path) => !isLeftOut(from, path),
    });
  }
  for (const { from, to } of links) await symlink(to, join(folder, from));
}

/** The compiled code by content; packages and programs by version, which for programs is their size and time. */
async function hashOf({ copies }: ImageSources): Promise<string> {
  const hash = createHash('sha1');
  hash.update(await readFile(join(checkout, 'package-lock.json')));
  for (const { from, to } of copies) {
    if (to.startsWith(join(imageRoot, 'node_modules'))) continue;
    const { size, mtimeMs } = await lstat(from);
    hash.update(to.startsWith(imageRoot) ? to : `${to} ${size} ${mtimeMs}`);
  }
  const dist = join(checkout, 'dist');
  const names = await readdir(dist, { recursive: true });
  for (const name of names.filter((path) => /\.js(on)?$/.test(path) && !path.startsWith('test/')).sort()) {
    hash.update(name).update(await readFile(join(dist, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
