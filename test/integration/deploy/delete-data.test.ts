import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../component-base/run-command';
import { deleteData } from '../../../deploy/delete-data';

it("deletes a cluster's data, and nothing of what a kubelet has left mounted there", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-data-'));
  const [data, files] = [join(folder, 'cluster'), join(folder, 'files')];
  const target = join(data, 'nodes', 'n1', 'pods', 'uid', 'volume-subpaths', 'data', 'main', '0');
  try {
    await mkdir(files);
    await writeFile(join(files, 'precious'), 'of the host');
    await mkdir(target, { recursive: true });
    await run('mount', ['--bind', files, target]);

    await deleteData(data);
    await expect(stat(data)).rejects.toThrow('ENOENT');
    await expect(readFile(join(files, 'precious'), 'utf8')).resolves.toBe('of the host');
  } finally {
    await run('umount', [target], { allowFailure: true });
    await rm(folder, { recursive: true });
  }
});
