/** Names of workloads become hostnames of their pods, whatever else they may be. */
import { isDns1123Label } from '../../../meta/names';
import type { KubeObject } from '../../../meta/types';

export function workloadNameWarnings({ metadata }: KubeObject): string[] {
  const messages = isDns1123Label(metadata?.name ?? '');
  if (messages.length === 0) return [];
  const what =
    'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: ${what}: [${messages.join(' ')}]`];
}
