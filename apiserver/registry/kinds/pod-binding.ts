/** `pods/binding`, and `bindings` before it: puts a pod on a node, once. Upstream: `BindingREST` in `registry/core/pod/storage/storage.go`. */
import { type Pod, pods } from '../../../api/core/v1/pod';
import { setCondition } from '../../../api/meta/conditions';
import { FieldPath, notSupported, required } from '../../../api/meta/field-error';
import { newConflict, newInvalid, StatusError } from '../../../api/meta/status-error';
import type { KubeObject, Stored } from '../../../api/meta/types';
import { formatTime } from '../../../component-base/clock';
import type { Admission } from '../../admission/admission';
import type { ConnectHandler } from '../connect';
import type { Loopback } from '../loopback';
import { admitBody } from './connect-admission';
import { created } from './success';

export interface Binding extends KubeObject {
  target?: { kind?: string; name?: string };
}

/** The pod as it is after binding; throws Conflict. Pure. */
export function bindPod(pod: Stored<Pod>, binding: Binding, nowText: string): Pod {
  const { name, uid, deletionTimestamp } = pod.metadata;
  const conflict = (reason: string): StatusError => newConflict({ group: '', resource: 'pods/binding' }, name, reason);
  const wantedUid = binding.metadata?.uid;
  if (wantedUid && wantedUid !== uid) {
    throw conflict(`Precondition failed: UID in precondition: ${wantedUid}, UID in object meta: ${uid}`);
  }
  if (deletionTimestamp) throw conflict(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName)
    throw conflict(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (pod.spec?.schedulingGates?.length) throw conflict(`pod ${name} has non-empty .spec.schedulingGates`);
  // Wherever room was made for it, here it is now (ClearingNominatedNodeNameAfterBinding).
  const { nominatedNodeName: _, ...others } = pod.status ?? {};
  const conditions = (pod.status?.conditions ?? []).map((condition) => ({ ...condition }));
  setCondition(conditions, { type: 'PodScheduled', status: 'True' }, nowText);
  const { annotations, labels } = binding.metadata ?? {};
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...pod.spec!, nodeName: binding.target!.name },
    status: { ...others, conditions },
  };
}

export const createBindingHandler =
  ({ loopback, admission }: { loopback: Loopback; admission: Admission }): ConnectHandler =>
  async ({ context, namespace, name, body }) => {
    const binding = body as Binding;
    const path = FieldPath.of('target');
    const kind = binding.target?.kind;
    if (kind && kind !== 'Node') {
      throw newInvalid({ group: '', kind: 'Binding' }, name, [
        notSupported(path.child('kind'), kind, ['Node', '<empty>']),
      ]);
    }
    if (!binding.target?.name) {
      throw newInvalid({ group: '', kind: 'Binding' }, name, [required(path.child('name'))]);
    }
    await admitBody(admission, { definition: pods, subresource: 'binding', namespace, name, context }, binding);
    const now = formatTime(loopback.clock.now());
    const storage = loopback.storageOf(pods);
    const key = `${namespace}/${name}`;
    if (context.dryRun) bindPod((await storage.get(key)).object, binding, now);
    else await storage.guaranteedUpdate(key, (pod) => pod && bindPod(pod, binding, now));
    return created();
  };

/** `bindings` names the pod in the body alone. */
export const createLegacyBindingHandler =
  (bind: ConnectHandler): ConnectHandler =>
  (request) =>
    bind({ ...request, name: (request.body as Binding).metadata?.name ?? '' });
