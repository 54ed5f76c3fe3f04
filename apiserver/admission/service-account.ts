/**
 * Gives every pod a service account and mounts its token. Upstream: `plugin/pkg/admission/serviceaccount`.
 */
import type { Container, Pod, PodSpec } from '../../api/core/v1/pod';
import { type ServiceAccount, serviceAccounts } from '../../api/core/v1/serviceaccount';
import { podReferences } from '../authorization/node-graph';
import type { Loopback } from '../registry/loopback';
import { randomSuffix } from '../registry/random-suffix';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { lookUpOf } from '../registry/look-up';
import { forbiddenSecret } from './mountable-secrets';
import { only, refuse } from './refusal';

export const tokenMountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and a bit, so that upstream can tell these tokens from ones asked for by hand. */
const tokenSeconds = 60 * 60 + 7;
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** The default account is made by a controller right after the namespace: worth waiting for. */
const defaultAccountAttempts = 10;

const isMirrorPod = ({ metadata }: Pod): boolean => metadata?.annotations?.[mirrorAnnotation] !== undefined;

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

export function serviceAccount(loopback: Loopback): AdmissionPlugin {
  const lookUp = lookUpOf(loopback, serviceAccounts);

  const find = async ({ namespace, context }: AdmissionAttributes, name: string) => {
    const attempts = name === 'default' ? defaultAccountAttempts : 1;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await loopback.clock.sleep(100 + Math.random() * 100, context.signal);
      const account = await lookUp(namespace, name);
      if (account) return account;
    }
    return undefined;
  };

  const accountOf = async (attributes: AdmissionAttributes, name: string): Promise<ServiceAccount> => {
    const { namespace } = attributes;
    const account = await find(attributes, name);
    if (account) return account;
    throw refuse(
      attributes,
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    );
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
    operations: ['CREATE', 'UPDATE'],
    concerns: only('', 'pods', ['', 'ephemeralcontainers']),
    async admit(attributes) {
      const pod = attributes.object as Pod;
      if (!pod.spec || attributes.operation !== 'CREATE' || attributes.subresource) return;
      if (isMirrorPod(pod)) return checkMirrorPod(attributes, pod);
      const name = pod.spec.serviceAccountName || 'default';
      pod.spec.serviceAccountName = name;
      pod.spec.serviceAccount = name;
      const account = await accountOf(attributes, name);
      if (shouldAutomount(account, pod.spec)) mountToken(pod.spec, randomSuffix());
      if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
      }
    },
    async validate(attributes) {
      const pod = attributes.object as Pod;
      if (!pod.spec || (attributes.operation === 'UPDATE' && !attributes.subresource)) return;
      if (isMirrorPod(pod)) return checkMirrorPod(attributes, pod);
      const name = pod.spec.serviceAccountName;
      const { namespace } = attributes;
      if (!name) throw refuse(attributes, `no service account specified for pod ${namespace}/${pod.metadata?.name}`);
      const account = await accountOf(attributes, name);
      const forbidden = forbiddenSecret(account, pod.spec);
      if (forbidden) throw refuse(attributes, forbidden);
    },
  };
}
