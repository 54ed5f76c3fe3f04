/** Tells who relabels a namespace which of its pods would not be let in today. Upstream: `EvaluatePodsInNamespace`. */
import type { Pod } from '../../../api/core/v1/pod';
import { getControllerOf } from '../../../api/meta/controller-ref';
import type { Stored } from '../../../api/meta/types';
import { evaluatePod, summarizeViolations } from './evaluate';
import { formatLevelVersion, type LevelVersion } from './policy';

/** More pods than this are not looked at. */
const maxPods = 3000;

export function warningsForPods(namespace: string, enforce: LevelVersion, pods: readonly Stored<Pod>[]): string[] {
  const checked = varied(pods).slice(0, maxPods);
  const byReason = new Map<string, string[]>();
  for (const { metadata, spec } of checked) {
    const violations = spec ? evaluatePod(enforce, { metadata, spec }) : [];
    if (!violations.length) continue;
    const reason = summarizeViolations(violations);
    byReason.set(reason, [...(byReason.get(reason) ?? []), metadata.name]);
  }
  return [
    ...(checked.length < pods.length
      ? [
          `new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`,
        ]
      : []),
    ...(byReason.size
      ? [
          `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(formatLevelVersion(enforce))}`,
        ]
      : []),
    ...[...byReason].map(([reason, names]) => `${describePods(names)}: ${reason}`).sort(),
  ];
}

/** The first name, and how many more there are. */
function describePods(names: string[]): string {
  const first = [...names].sort()[0] ?? '';
  const others = names.length - 1;
  if (!others) return first;
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}

/** One pod of each controller comes before its others, which are most likely the same. */
function varied(pods: readonly Stored<Pod>[]): Stored<Pod>[] {
  const controllers = new Set<string>();
  const repeated: Stored<Pod>[] = [];
  const first = pods.filter((pod) => {
    const uid = getControllerOf(pod)?.uid;
    if (!uid) return true;
    if (!controllers.has(uid)) return Boolean(controllers.add(uid));
    repeated.push(pod);
    return false;
  });
  return [...first, ...repeated];
}
