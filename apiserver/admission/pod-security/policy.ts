/**
 * Which standard a namespace asks for, by its labels. Upstream: pod-security-admission `api/{constants,helpers}.go`.
 */
import { type FieldError, invalid } from '../../../api/meta/field-error';

export const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

/** The minor version of the standard, or the newest there is. */
export type StandardVersion = number | 'latest';

export interface LevelVersion {
  level: Level;
  version: StandardVersion;
}

export const modes = ['enforce', 'audit', 'warn'] as const;
export type Mode = (typeof modes)[number];

/** What to refuse, what to note in the audit log, and what to warn of. */
export type Policy = Readonly<Record<Mode, LevelVersion>>;

const privileged: LevelVersion = { level: 'privileged', version: 'latest' };

export const defaultPolicy: Policy = { enforce: privileged, audit: privileged, warn: privileged };

export const labelPrefix = 'pod-security.kubernetes.io/';

/** `restricted:v1.29`, as messages print it. */
export const formatLevelVersion = ({ level, version }: LevelVersion): string =>
  `${level}:${version === 'latest' ? version : `v1.${version}`}`;

export const sameLevelVersion = (one: LevelVersion, other: LevelVersion): boolean =>
  one.level === other.level && one.version === other.version;

/** Undefined when the text is no level. */
export const parseLevel = (text: string): Level | undefined => levels.find((level) => level === text);

/** `latest` or `v1.29`; undefined when the text is neither. */
export function parseVersion(text: string): StandardVersion | undefined {
  if (text === 'latest') return text;
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * The policy of a namespace with these labels. There always is one: what cannot be read is enforced as the strictest, and
 * neither audited nor warned of.
 */
export function policyOf(
  labels: Record<string, string> = {},
  defaults: Policy = defaultPolicy,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const fail = (label: string, value: string, message: string): void => {
    errors.push(invalid(`metadata.labels[${label}]`, value, message));
  };
  const of = (mode: Mode): LevelVersion => {
    let { level, version } = defaults[mode];
    const levelLabel = `${labelPrefix}${mode}`;
    const levelText = labels[levelLabel];
    if (levelText !== undefined) {
      const parsed = parseLevel(levelText);
      if (!parsed) fail(levelLabel, levelText, `must be one of ${levels.join(', ')}`);
      level = parsed ?? (mode === 'enforce' ? 'restricted' : 'privileged');
    }
    const versionLabel = `${levelLabel}-version`;
    const versionText = labels[versionLabel];
    if (versionText !== undefined) {
      const parsed = parseVersion(versionText);
      if (parsed === undefined) fail(versionLabel, versionText, 'must be "latest" or "v1.x"');
      version = parsed ?? 'latest';
    }
    return { level, version };
  };
  return { policy: { enforce: of('enforce'), audit: of('audit'), warn: of('warn') }, errors };
}

/** True if the change can make pods that were allowed violate the policy. */
export function isStricter(next: LevelVersion, old: LevelVersion): boolean {
  if (next.level === 'privileged' || sameLevelVersion(next, old)) return false;
  return next.version !== old.version || levels.indexOf(next.level) > levels.indexOf(old.level);
}
