/**
 * Gives every pod a service account and mounts its token. Upstream: `plugin/pkg/admission/serviceaccount`.
 */
import type { Container, Pod, PodSpec } from '../../api/core/v1/pod';
import { type ServiceAccount, serviceAccounts } from '../../api/core/v1/serviceaccount';
import { podReferences } from '../authorization/node-graph';
import type { Loopback } from '../registry/loopback';
import { randomSuffix } from '../registry/random-suffix';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { lookUpOf } from './look-up';
import { only, refuse } from './refusal';

export const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and a bit, so that upstream can tell these tokens from ones asked for by hand. */
const tokenSeconds = 60 * 60 + 7;
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** The default account is made by a controller right after the namespace: worth waiting for. */
const defaultAccountAttempts = 10;

const shouldAutomount = (account: ServiceAccount, spec: PodSpec): boolean =>
  spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;

/**
 * Mounts the token volume where nothing is mounted yet, and adds the volume if something needs it. Edits `spec`, which is not
 * validated yet: required fields may be missing.
 */
export function mountToken(spec: PodSpec, suffix: string): void {
  const existing = spec.volumes?.find((volume) => volume.name?.startsWith(volumePrefix));
  const name = existing?.name ?? `${volumePrefix}${suffix}`;
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Container[]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === tokenMountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: tokenMountPath }];
    needed = true;
  }
  if (existing || !needed) return;
  spec.volumes = [
    ...(spec.volumes ?? []),
    {
      name,
      projected: {
        defaultMode: 0o644,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: tokenSeconds } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
        ],
      },
    },
  ];
}

/** Why the pod's secrets are not among those of an account that enforces its list; undefined when they are. */
export function forbiddenSecret(account: ServiceAccount, spec: PodSpec): string | undefined {
  if (account.metadata?.annotations?.['kubernetes.io/enforce-mountable-secrets'] !== 'true') return undefined;
  const mountable = new Set(account.secrets?.map((secret) => secret.name));
  const name = account.metadata.name;
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !mountable.has(secret.secretName)) {
      return `volume with secret.secretName="${secret.secretName}" is not allowed because service account ${name} does not reference that secret`;
    }
  }
  for (const [kind, containers] of [
    ['init container', spec.initContainers],
    ['container', spec.containers],
  ] as const) {
    for (const container of containers ?? []) {
      for (const { name: variable, valueFrom } of container.env ?? []) {
        const secret = valueFrom?.secretKeyRef?.name;
        if (secret && !mountable.has(secret)) {
          return `${kind} ${container.name} with envVar ${variable} referencing secret.secretName="${secret}" is not allowed because service account ${name} does not reference that secret`;
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

export function serviceAccount(loopback: Loopback): AdmissionPlugin {
  const lookUp = lookUpOf(loopback, serviceAccounts);

  const find = async (namespace: string, name: string, signal: AbortSignal) => {
    const attempts = name === 'default' ? defaultAccountAttempts : 1;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await loopback.clock.sleep(100 + Math.random() * 100, signal);
      const account = await lookUp(namespace, name);
      if (account) return account;
    }
    return undefined;
  };

  const checkMirrorPod = (attributes: AdmissionAttributes<Pod>, pod: Pod): void => {
    if (pod.spec?.serviceAccountName) throw refuse(attributes, 'a mirror pod may not reference service accounts');
    const bare = { ...pod, metadata: { ...pod.metadata, annotations: {} } };
    if (podReferences(bare).some(([kind]) => kind === 'secret')) {
      throw refuse(attributes, 'a mirror pod may not reference secrets');
    }
    if (pod.spec?.volumes?.some((volume) => volume.projected?.sources?.some((source) => source.serviceAccountToken))) {
      throw refuse(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  };

  return {
    name: 'ServiceAccount',
    operations: ['CREATE'],
    concerns: only('', 'pods'),
    async admit(attributes) {
      const pod = attributes.object as Pod;
      if (!pod.spec) return;
      if (pod.metadata?.annotations?.[mirrorAnnotation] !== undefined) return checkMirrorPod(attributes, pod);
      const { namespace } = attributes;
      const name = pod.spec.serviceAccountName || 'default';
      pod.spec.serviceAccountName = name;
      pod.spec.serviceAccount = name;
      const account = await find(namespace, name, attributes.context.signal);
      if (!account) {
        throw refuse(
          attributes,
          `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
        );
      }
      if (shouldAutomount(account, pod.spec)) mountToken(pod.spec, randomSuffix());
      if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
      }
      const forbidden = forbiddenSecret(account, pod.spec);
      if (forbidden) throw refuse(attributes, forbidden);
    },
  };
}
