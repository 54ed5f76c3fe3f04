/**
 * The images every cluster needs, made from this machine's own files, because a lab may have no registry: the pause image
 * (Debian's static catatonit) and the demo's v1 and v2 (static busybox). Tags are kept: an image that is there is not made again.
 */
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from './engine';
import { run } from '../component-base/run-command';

export const pauseImage = 'kubelab/pause:1';

interface ImageRecipe {
  reference: string;
  changes: string[];
  /** Fills the folder that becomes the image's root. */
  fill(folder: string): Promise<void>;
}

/** A shell and the usual commands, with the folders and users that programs expect. */
export async function putBusybox(folder: string): Promise<void> {
  for (const directory of ['bin', 'etc', 'tmp', 'root', 'var', 'proc', 'sys', 'dev']) {
    await mkdir(join(folder, directory), { recursive: true });
  }
  await chmod(join(folder, 'tmp'), 0o1777);
  await copyFile('/bin/busybox', join(folder, 'bin/busybox'));
  const { stdout } = await run('/bin/busybox', ['--list']);
  const applets = stdout.split('\n').filter((applet) => applet && applet !== 'busybox');
  await Promise.all(applets.map((applet) => symlink('busybox', join(folder, 'bin', applet))));
  await writeFile(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  );
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
}

/** Serves one page a request and, told to stop, no longer listens but finishes what it has begun. */
const demoServer = `#!/bin/sh
# The first process of a container ignores a signal that it has not asked for.
trap stop TERM INT
# Whether connections wait for httpd to take them: it would reset them by its end.
waiting() {
  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -e $table ] && while read -r _ local _ state queues _; do
      case "$local $state $queues" in
        *:1F90\\ 0A\\ *:00000000) ;;
        *:1F90\\ 0A\\ *) return 0 ;;
      esac
    done < $table
  done
  return 1
}
# httpd forks for each connection, so open requests outlive the listener.
stop() {
  while waiting; do usleep 10000; done
  kill $! 2>/dev/null
  while pidof httpd >/dev/null; do usleep 20000; done
  exit 0
}
httpd -f -p 8080 -h /www &
echo "demo $VERSION listens on :8080"
wait
`;

const demoPage = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "Hello from $(hostname), version $VERSION"
`;

const demoRecipe = (version: string): ImageRecipe => ({
  reference: `kubelab/demo:${version}`,
  changes: [`ENV VERSION=${version} PATH=/bin`, 'EXPOSE 8080', 'CMD ["/bin/demo"]'],
  async fill(folder) {
    await putBusybox(folder);
    await mkdir(join(folder, 'www/cgi-bin'), { recursive: true });
    await writeFile(join(folder, 'bin/demo'), demoServer, { mode: 0o755 });
    await writeFile(join(folder, 'www/cgi-bin/index.cgi'), demoPage, { mode: 0o755 });
    await writeFile(join(folder, 'www/healthz'), 'ok\n');
    await writeFile(join(folder, 'www/version'), `${version}\n`);
  },
});

const recipes: ImageRecipe[] = [
  {
    reference: pauseImage,
    changes: ['ENTRYPOINT ["/catatonit", "-P"]'],
    fill: (folder) => copyFile('/usr/bin/catatonit', join(folder, 'catatonit')),
  },
  demoRecipe('v1'),
  demoRecipe('v2'),
  {
    reference: 'kubelab/busybox:1',
    changes: ['ENV PATH=/bin', 'CMD ["sh"]'],
    fill: putBusybox,
  },
];

/** Makes what is missing, in parallel; gives the references made. */
export async function ensureImages(engine: Engine): Promise<string[]> {
  const made = await Promise.all(
    recipes.map(async (recipe) => ((await makeImage(engine, recipe)) ? recipe.reference : '')),
  );
  return made.filter(Boolean);
}

/** Makes one image unless the engine has it. Gives whether it was made. */
export async function makeImage(engine: Engine, recipe: ImageRecipe): Promise<boolean> {
  if (await engine.hasImage(recipe.reference)) return false;
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-image-'));
  try {
    await recipe.fill(folder);
    await chmod(folder, 0o755);
    await engine.importImage(folder, recipe.reference, { changes: recipe.changes });
    return true;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
