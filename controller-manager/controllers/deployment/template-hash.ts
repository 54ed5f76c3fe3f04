/** The hash that tells a Deployment's ReplicaSets apart, in names and labels. Upstream: `ComputeHash`. */
import type { PodTemplateSpec } from '../../../api/core/v1/pod';

/** No vowels and nothing that looks like another character, so that no words come out. */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Stable over key order. `collisionCount` gives another hash when the first one's name is taken. */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  const text = stableText(template) + (collisionCount === undefined ? '' : `#${collisionCount}`);
  return [...String(fnv1a32(text))].map((digit) => safeAlphabet[digit.charCodeAt(0) % safeAlphabet.length]).join('');
}

function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
