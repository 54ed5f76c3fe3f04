/** Which secrets a pod may use when its service account enforces its list. Upstream: `limitSecretReferences` in `admission/serviceaccount`. */
import type { Container, EphemeralContainer, PodSpec } from '../../api/core/v1/pod';
import type { ServiceAccount } from '../../api/core/v1/serviceaccount';

const enforcingAnnotation = 'kubernetes.io/enforce-mountable-secrets';

const kinds = [
  ['init container', 'initContainers'],
  ['container', 'containers'],
  ['ephemeral container', 'ephemeralContainers'],
] as const;

/** Why the pod's secrets are not among those of an account that enforces its list; undefined when they are. */
export function forbiddenSecret(account: ServiceAccount, spec: PodSpec): string | undefined {
  if (account.metadata?.annotations?.[enforcingAnnotation] !== 'true') return undefined;
  const name = account.metadata.name;
  const mountable = new Set(account.secrets?.map((secret) => secret.name));
  const why = `is not allowed because service account ${name} does not reference that secret`;
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !mountable.has(secret.secretName)) {
      return `volume with secret.secretName="${secret.secretName}" ${why}`;
    }
  }
  for (const [kind, list] of kinds) {
    for (const container of spec[list] ?? []) {
      for (const [how, secret] of secretsOf(container)) {
        if (!mountable.has(secret)) {
          return `${kind} ${container.name} with ${how} referencing secret.secretName="${secret}" ${why}`;
        }
      }
    }
  }
  const pullSecrets = new Set(account.imagePullSecrets?.map((secret) => secret.name));
  for (const [index, secret] of (spec.imagePullSecrets ?? []).entries()) {
    if (!pullSecrets.has(secret.name)) {
      return `imagePullSecrets[${index}].name="${secret.name}" is not allowed because service account ${name} does not reference that imagePullSecret`;
    }
  }
  return undefined;
}

function secretsOf({ env = [], envFrom = [] }: Container | EphemeralContainer): [how: string, secret: string][] {
  return [
    ...env.flatMap(({ name, valueFrom }): [string, string][] =>
      valueFrom?.secretKeyRef?.name ? [[`envVar ${name}`, valueFrom.secretKeyRef.name]] : [],
    ),
    ...envFrom.flatMap(({ secretRef }): [string, string][] => (secretRef?.name ? [['envFrom', secretRef.name]] : [])),
  ];
}
