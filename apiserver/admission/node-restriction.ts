/**
 * What the Node authorizer cannot see because it is in the body: a kubelet changes only its own Node, the pods bound to it,
 * and tokens of those pods. Upstream: `plugin/pkg/admission/noderestriction`.
 */
import type { Node } from '../../api/core/v1/node';
import { type Pod, pods } from '../../api/core/v1/pod';
import { deepEqual } from '../../api/meta/json';
import { nodeNameOf } from '../authorization/node';
import { podReferences } from '../authorization/node-graph';
import type { Loopback } from '../registry/loopback';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { forbiddenNodeLabels } from './node-labels';
import { refuse } from './refusal';

type Check = (node: string, attributes: AdmissionAttributes) => Promise<void> | void;

const mirrorAnnotation = 'kubernetes.io/config.mirror';

const referenceNames: Partial<Record<string, string>> = {
  serviceaccount: 'a service account',
  secret: 'secrets',
  configmap: 'configmaps',
  persistentvolumeclaim: 'persistentvolumeclaims',
};

export function nodeRestriction(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(pods);
  const q = JSON.stringify;

  const findPod = async (namespace: string, name: string) =>
    view.get(`${namespace}/${name}`) ?? (await loopback.stores.of(pods).get(loopback.context, namespace, name)).object;

  const checkPodCreate: Check = (node, attributes) => {
    const pod = attributes.object as Pod;
    if (pod.metadata?.annotations?.[mirrorAnnotation] === undefined) {
      throw refuse(
        attributes,
        `pod does not have ${q(mirrorAnnotation)} annotation, node ${q(node)} can only create mirror pods`,
      );
    }
    if (pod.spec?.nodeName !== node) {
      throw refuse(attributes, `node ${q(node)} can only create pods with spec.nodeName set to itself`);
    }
    const owners = pod.metadata.ownerReferences ?? [];
    const [owner] = owners;
    if (owners.length > 1)
      throw refuse(attributes, `node ${q(node)} can only create pods with a single owner reference set to itself`);
    if (owner) {
      if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
        throw refuse(attributes, `node ${q(node)} can only create pods with an owner reference set to itself`);
      }
      if (owner.controller !== true)
        throw refuse(
          attributes,
          `node ${q(node)} can only create pods with a controller owner reference set to itself`,
        );
      if (owner.blockOwnerDeletion)
        throw refuse(attributes, `node ${q(node)} must not set blockOwnerDeletion on an owner reference`);
    }
    const bare = { ...pod, metadata: { ...pod.metadata, annotations: {} } };
    for (const [kind] of podReferences(bare)) {
      const what = referenceNames[kind];
      if (what) throw refuse(attributes, `node ${q(node)} can not create pods that reference ${what}`);
    }
  };

  const checkPod: Check = async (node, attributes) => {
    if (attributes.operation === 'CREATE') return checkPodCreate(node, attributes);
    if (attributes.operation !== 'DELETE') {
      throw refuse(
        attributes,
        `unexpected operation ${q(attributes.operation)}, node ${q(node)} can only create and delete mirror pods`,
      );
    }
    const pod = (attributes.oldObject as Pod | undefined) ?? (await findPod(attributes.namespace, attributes.name));
    if (pod.spec?.nodeName !== node) {
      throw refuse(attributes, `node ${q(node)} can only delete pods with spec.nodeName set to itself`);
    }
  };

  const checkPodStatus: Check = (node, attributes) => {
    const old = attributes.oldObject as Pod | undefined;
    if (attributes.operation !== 'UPDATE') throw refuse(attributes, `unexpected operation ${q(attributes.operation)}`);
    if (old?.spec?.nodeName !== node) {
      throw refuse(attributes, `node ${q(node)} can only update pod status for pods with spec.nodeName set to itself`);
    }
    if (!deepEqual(old.metadata?.labels ?? {}, attributes.object.metadata?.labels ?? {})) {
      throw refuse(attributes, `node ${q(node)} cannot update labels through pod status`);
    }
  };

  const checkEviction: Check = async (node, attributes) => {
    const pod = await findPod(attributes.namespace, attributes.name || attributes.object?.metadata?.name);
    if (pod.spec?.nodeName !== node) {
      throw refuse(attributes, `node ${node} can only evict pods with spec.nodeName set to itself`);
    }
  };

  const checkNode: Check = (node, attributes) => {
    const name = attributes.name || attributes.object?.metadata?.name;
    if (name !== node) throw refuse(attributes, `node ${q(node)} is not allowed to modify node ${q(name)}`);
    const next = attributes.object as Node | undefined;
    if (attributes.operation === 'CREATE') {
      const labels = forbiddenNodeLabels(next?.metadata?.labels, {});
      if (labels.length) {
        throw refuse(attributes, `node ${q(node)} is not allowed to set the following labels: ${labels.join(', ')}`);
      }
    } else if (attributes.operation === 'UPDATE') {
      const old = attributes.oldObject as Node | undefined;
      if (!deepEqual(next?.spec?.taints ?? [], old?.spec?.taints ?? [])) {
        throw refuse(attributes, `node ${q(node)} is not allowed to modify taints`);
      }
      const labels = forbiddenNodeLabels(next?.metadata?.labels, old?.metadata?.labels);
      if (labels.length) throw refuse(attributes, `is not allowed to modify labels: ${labels.join(', ')}`);
    }
  };

  const checkToken: Check = async (node, attributes) => {
    const ref = attributes.object?.spec?.boundObjectRef;
    if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
      throw refuse(attributes, 'node requested token not bound to a pod');
    }
    if (!ref.uid) throw refuse(attributes, 'node requested token with a pod binding without a uid');
    const pod = await findPod(attributes.namespace, ref.name);
    if (ref.uid !== pod.metadata.uid) {
      throw refuse(
        attributes,
        `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    }
    if (pod.spec?.nodeName !== node) {
      throw refuse(attributes, 'node requested token bound to a pod scheduled on a different node');
    }
  };

  const checkLease: Check = (node, attributes) => {
    if (attributes.namespace !== 'kube-node-lease') {
      throw refuse(attributes, 'can only access leases in the "kube-node-lease" system namespace');
    }
    const name = attributes.operation === 'CREATE' ? attributes.object?.metadata?.name : attributes.name;
    if (name !== node) throw refuse(attributes, 'can only access node lease with the same name as the requesting node');
  };

  const checkCsiNode: Check = (node, attributes) => {
    const name = attributes.operation === 'CREATE' ? attributes.object?.metadata?.name : attributes.name;
    if (name !== node) throw refuse(attributes, 'can only access CSINode with the same name as the requesting node');
  };

  const checks: Record<string, Check> = {
    pods: checkPod,
    'pods/status': checkPodStatus,
    'pods/eviction': checkEviction,
    nodes: checkNode,
    'nodes/status': checkNode,
    'serviceaccounts/token': checkToken,
    leases: checkLease,
    csinodes: checkCsiNode,
  };
  const pathOf = (plural: string, subresource: string): string => (subresource ? `${plural}/${subresource}` : plural);
  const groups: ReadonlySet<string> = new Set(['', 'coordination.k8s.io', 'storage.k8s.io']);
  /** Everything else below these is out of bounds. */
  const guarded: ReadonlySet<string> = new Set(['pods']);

  return {
    name: 'NodeRestriction',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    concerns: ({ group, names: { plural } }, subresource) =>
      groups.has(group) && (guarded.has(plural) || pathOf(plural, subresource) in checks),
    async validate(attributes) {
      const node = nodeNameOf(attributes.context.user);
      if (node === undefined) return;
      if (!node) throw refuse(attributes, `could not determine node from user ${q(attributes.context.user.name)}`);
      const { definition, subresource } = attributes;
      const check = checks[pathOf(definition.names.plural, subresource)];
      if (check) return check(node, attributes);
      throw refuse(
        attributes,
        `unexpected pod subresource ${q(subresource)}, only 'status' and 'eviction' are allowed`,
      );
    },
  };
}
