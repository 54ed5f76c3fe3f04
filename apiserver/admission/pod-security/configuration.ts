/** The plugin's configuration file. Upstream: pod-security-admission `admission/api` (PodSecurityConfiguration v1). */
import { defaultPolicy, type LevelVersion, type Mode, modes, parseLevel, parseVersion, type Policy } from './policy';

/** Whom the standards do not bind. */
export interface Exemptions {
  usernames: readonly string[];
  namespaces: readonly string[];
  runtimeClasses: readonly string[];
}

export interface PodSecurityConfiguration {
  /** For namespaces without labels. */
  defaults: Policy;
  exemptions: Exemptions;
}

export const defaultConfiguration: PodSecurityConfiguration = {
  defaults: defaultPolicy,
  exemptions: { usernames: [], namespaces: [], runtimeClasses: [] },
};

interface Document {
  apiVersion?: string;
  kind?: string;
  defaults?: Record<string, string>;
  exemptions?: Partial<Exemptions>;
}

const group = 'pod-security.admission.config.k8s.io';

/** Reads the parsed document; nothing gives the defaults. Throws with what is wrong. */
export function readPodSecurityConfiguration(document: unknown): PodSecurityConfiguration {
  if (document === undefined || document === null) return defaultConfiguration;
  const { apiVersion = '', kind, defaults = {}, exemptions = {} } = document as Document;
  if (kind !== 'PodSecurityConfiguration' || !apiVersion.startsWith(`${group}/`)) {
    throw new Error(`expected a PodSecurityConfiguration of ${group}/v1, got ${kind ?? 'no kind'} of ${apiVersion}`);
  }
  const of = (mode: Mode): LevelVersion => {
    const level = parseLevel(defaults[mode] ?? 'privileged');
    if (!level) throw new Error(`defaults.${mode}: Invalid value: ${JSON.stringify(defaults[mode])}`);
    const version = parseVersion(defaults[`${mode}-version`] ?? 'latest');
    if (version === undefined) {
      throw new Error(`defaults.${mode}-version: Invalid value: ${JSON.stringify(defaults[`${mode}-version`])}`);
    }
    return { level, version };
  };
  const [enforce, audit, warn] = modes.map(of) as [LevelVersion, LevelVersion, LevelVersion];
  return {
    defaults: { enforce, audit, warn },
    exemptions: {
      usernames: exemptions.usernames ?? [],
      namespaces: exemptions.namespaces ?? [],
      runtimeClasses: exemptions.runtimeClasses ?? [],
    },
  };
}
