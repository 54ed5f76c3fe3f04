/** Judges a pod by a level of the standards, in the version that was asked for. Upstream: pod-security-admission `policy/registry.go`. */
import type { Check, CheckPod, CheckVersion, PodSubject, Violation } from './check';
import { checks } from './checks';
import type { LevelVersion } from './policy';

/** The newest version in which a check changed; later ones are the same. */
const newest = Math.max(...checks.flatMap(({ versions }) => versions.map(({ since }) => since)));

/** What the pod violates, in the order of the checks. */
export const evaluatePod = (standard: LevelVersion, pod: PodSubject): Violation[] =>
  checksOf(standard).flatMap((check) => check(pod) ?? []);

/** `privileged (container "c" must not …), hostPort (…)`: for the one who made the pod. */
export const describeViolations = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ');

/** `privileged, hostPort`: short, to group pods by. */
export const summarizeViolations = (violations: readonly Violation[]): string =>
  violations.map(({ reason }) => reason).join(', ');

function checksOf({ level, version }: LevelVersion): CheckPod[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? newest : Math.min(version, newest);
  const held = checks
    .filter((check) => level === 'restricted' || check.level === 'baseline')
    .map((check) => ({ id: check.id, held: versionAt(check, minor) }));
  const overridden = new Set(held.flatMap((each) => each.held?.overrides ?? []));
  return held.filter(({ id }) => !overridden.has(id)).flatMap((each) => each.held?.check ?? []);
}

const versionAt = ({ versions }: Check, minor: number): CheckVersion | undefined =>
  versions.findLast(({ since }) => since <= minor);
