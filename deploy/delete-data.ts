/** Deletes a folder of the cluster's. */
import { rm } from 'node:fs/promises';
import { unmountBelow } from '../component-base/mounts';
import { SetupError } from './setup-error';

/** Never through a mount that a kubelet has left: behind a sub-path of a hostPath are the user's own files. */
export async function deleteData(folder: string): Promise<void> {
  const [left] = await unmountBelow(folder);
  if (left) throw new SetupError(`${left} is still mounted.`, { remedy: `Run: umount -l ${left}` });
  await rm(folder, { recursive: true, force: true });
}
