/** Which plugins run, by --enable-admission-plugins and --disable-admission-plugins. Upstream: `options/admission.go`. */
import type { AdmissionPlugin } from './admission';

/** What runs only when it is asked for, as upstream. */
export const offByDefault: ReadonlySet<string> = new Set(['AlwaysPullImages', 'ExtendedResourceToleration']);

/** What upstream has and kubelab does not: nothing is lost when such a plugin is to be off. */
const notImplemented: ReadonlySet<string> = new Set([
  'AlwaysAdmit',
  'AlwaysDeny',
  'ClusterTrustBundleAttest',
  'DenyServiceExternalIPs',
  'EventRateLimit',
  'ImagePolicyWebhook',
  'JobValidation',
  'LimitPodHardAntiAffinityTopology',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'NodeDeclaredFeatureValidator',
  'OwnerReferencesPermissionEnforcement',
  'PodGroupProtection',
  'PodGroupWorkloadExists',
  'PodNodeSelector',
  'PodTolerationRestriction',
]);

/** The plugins to run, in the order of `all`. Throws in upstream's words when a name is unknown or in both lists. */
export function selectPlugins(
  all: readonly AdmissionPlugin[],
  enable: readonly string[] = [],
  disable: readonly string[] = [],
): AdmissionPlugin[] {
  const known = new Set(all.map(({ name }) => name));
  for (const name of enable) {
    if (!known.has(name)) throw new Error(`enable-admission-plugins plugin ${JSON.stringify(name)} is unknown`);
  }
  for (const name of disable) {
    if (!known.has(name) && !notImplemented.has(name)) {
      throw new Error(`disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`);
    }
  }
  const both = enable.filter((name) => disable.includes(name));
  if (both.length) {
    throw new Error(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  }
  return all.filter(({ name }) => !disable.includes(name) && (!offByDefault.has(name) || enable.includes(name)));
}
