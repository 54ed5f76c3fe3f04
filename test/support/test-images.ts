/**
 * Images that only tests need, made locally: `kubelab/tools:1` (a dynamic busybox, whose resolver works, unlike the static
 * one's) and `kubelab/node:1` (this machine's Node, for servers that a test writes).
 */
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Engine } from '../../deploy/engine';
import { ensureImages, makeImage } from '../../deploy/images';
import { run } from '../../component-base/run-command';

/** Copies a program with the shared libraries it loads. */
async function copyProgram(program: string, folder: string, name = basename(program)): Promise<void> {
  await cp(program, join(folder, 'bin', name), { dereference: true });
  const { stdout } = await run('ldd', [program], { allowFailure: true });
  const libraries = [...stdout.matchAll(/(\/\S+\.so\S*)/g)].map(([, path = '']) => path);
  for (const library of new Set(libraries)) {
    await mkdir(join(folder, dirname(library)), { recursive: true });
    await cp(library, join(folder, library), { dereference: true });
  }
}

/** Debian's `busybox` package, unpacked without being installed: it conflicts with the static one. */
async function unpackDynamicBusybox(work: string): Promise<string> {
  await chmod(work, 0o777);
  await run('apt-get', ['download', 'busybox'], { cwd: work });
  const [archive = ''] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
  await run('dpkg', ['-x', join(work, archive), join(work, 'root')]);
  return join(work, 'root/bin/busybox');
}

async function fillTools(folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'kubelab-busybox-'));
  try {
    const busybox = await unpackDynamicBusybox(work);
    for (const name of ['bin', 'etc', 'tmp', 'root']) await mkdir(join(folder, name), { recursive: true });
    await copyProgram(busybox, folder, 'busybox');
    const { stdout } = await run(busybox, ['--list']);
    const applets = stdout.split('\n').filter((applet) => applet && applet !== 'busybox');
    await Promise.all(applets.map((applet) => symlink('busybox', join(folder, 'bin', applet))));
    const libraries = join(folder, 'lib/x86_64-linux-gnu');
    await mkdir(libraries, { recursive: true });
    for (const name of ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']) {
      await cp(join('/lib/x86_64-linux-gnu', name), join(libraries, name), { dereference: true });
    }
    await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
    await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fillNode(folder: string): Promise<void> {
  for (const name of ['bin', 'etc', 'tmp']) await mkdir(join(folder, name), { recursive: true });
  await copyProgram(process.execPath, folder, 'node');
}

/** Makes the cluster's and the tests' images that are missing. */
export async function ensureTestImages(engine: Engine): Promise<void> {
  await Promise.all([
    ensureImages(engine),
    makeImage(engine, {
      reference: 'kubelab/tools:1',
      changes: ['ENV PATH=/bin', 'CMD ["sh"]'],
      fill: fillTools,
    }),
    makeImage(engine, {
      reference: 'kubelab/node:1',
      changes: ['ENV PATH=/bin', 'ENTRYPOINT ["/bin/node"]'],
      fill: fillNode,
    }),
  ]);
}
