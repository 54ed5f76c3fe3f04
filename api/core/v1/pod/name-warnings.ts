/** Names of pods, and of what makes pods, become hostnames, whatever else names may be. */
import { isDns1123Label } from '../../../meta/names';
import type { KubeObject } from '../../../meta/types';

/** `use` says what the name is used for, as a sentence that goes on. */
export function nameWarnings({ metadata }: KubeObject, use: string): string[] {
  const messages = isDns1123Label(metadata?.name ?? '');
  if (messages.length === 0) return [];
  const what = `${use}, which can result in surprising behavior; a DNS label is recommended`;
  return [`metadata.name: ${what}: [${messages.join(' ')}]`];
}

export const workloadNameWarnings = (object: KubeObject): string[] =>
  nameWarnings(object, 'this is used in Pod names and hostnames');
