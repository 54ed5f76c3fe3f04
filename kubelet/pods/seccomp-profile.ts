/** Seccomp profiles of the node: files under the kubelet's seccomp root. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Container, Pod } from '../../api/core/v1/pod';

/** To upstream a failure of the container runtime, not of the pod's configuration. */
export class SeccompError extends Error {
  override readonly name = 'SeccompError';
}

/** The text of the profile that the container asks for; undefined when it asks for none of the node's. Throws SeccompError. */
export async function readSeccompProfile(root: string, pod: Pod, container: Container): Promise<string | undefined> {
  const profile = container.securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
  if (profile?.type !== 'Localhost') return undefined;
  const file = path.join(root, profile.localhostProfile ?? '');
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `open ${file}: no such file or directory` : message;
    const what = `failed to generate security options for container ${JSON.stringify(container.name)}`;
    throw new SeccompError(`${what}: cannot load seccomp profile ${JSON.stringify(file)}: ${why}`, { cause });
  }
}
