/**
 * Who owns whom, kept up to date by the informers. It decides nothing: it tells which objects to look at when something
 * changed. Upstream: `graph_builder.go`; instead of virtual nodes for owners not seen yet, links are kept by the owner's
 * UID alone, and what depends on an unseen owner is looked at itself.
 */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { KubeObject, OwnerReference, Stored } from '../../../api/meta/types';
import { groupOf } from '../owned-objects';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export interface GraphNode {
  definition: ResourceDefinition;
  namespace: string | undefined;
  name: string;
  uid: string;
  resourceVersion: string;
  owners: OwnerReference[];
  finalizers: readonly string[];
  /** It has a deletion timestamp. */
  beingDeleted: boolean;
  /** It waits for its dependents to go first (foreground deletion). */
  deletingDependents: boolean;
  /** It waits for its dependents to be let go. */
  orphaning: boolean;
}

/** What is to be looked at, by UID. Repeats are harmless. */
export interface GraphWork {
  check(uid: string): void;
  orphan(uid: string): void;
}

export class DependencyGraph {
  private readonly nodes = new Map<string, GraphNode>();
  /** By owner UID, whether the owner was seen or not. */
  private readonly byOwner = new Map<string, Set<GraphNode>>();

  constructor(private readonly work: GraphWork) {}

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.byOwner.get(uid) ?? [])];
  }

  /** Dependents that hold the foreground deletion of their owner up. */
  blockingDependents(uid: string): GraphNode[] {
    return this.dependentsOf(uid).filter(({ owners }) =>
      owners.some((ref) => ref.uid === uid && ref.blockOwnerDeletion === true),
    );
  }

  /** An object was added or changed. */
  observe(definition: ResourceDefinition, object: Stored<KubeObject>): void {
    const before = this.nodes.get(object.metadata.uid);
    const node = nodeOf(definition, object);
    this.nodes.set(node.uid, node);
    for (const ref of before?.owners ?? []) this.unlink(ref.uid, before!);
    for (const ref of node.owners) this.link(ref.uid, node);
    if (!before) this.appeared(node);
    else this.ownersChanged(before, node);
    if (node.orphaning && !before?.orphaning) this.work.orphan(node.uid);
    if (node.deletingDependents && !before?.deletingDependents) {
      for (const dependent of this.dependentsOf(node.uid)) this.work.check(dependent.uid);
      this.work.check(node.uid);
    }
  }

  /** An object is gone. */
  forget(uid: string): void {
    const node = this.nodes.get(uid);
    this.nodes.delete(uid);
    for (const ref of node?.owners ?? []) {
      this.unlink(ref.uid, node!);
      if (this.nodes.get(ref.uid)?.deletingDependents) this.work.check(ref.uid);
    }
    for (const dependent of this.dependentsOf(uid)) this.work.check(dependent.uid);
  }

  private appeared(node: GraphNode): void {
    if (node.owners.some((ref) => !this.isSolid(node, ref))) this.work.check(node.uid);
    // Those that came before it may have described it wrongly.
    for (const dependent of this.dependentsOf(node.uid)) {
      if (dependent.owners.some((ref) => ref.uid === node.uid && !describes(ref, node, dependent))) {
        this.work.check(dependent.uid);
      }
    }
  }

  private ownersChanged(before: GraphNode, node: GraphNode): void {
    const was = new Map(before.owners.map((ref) => [ref.uid, ref]));
    if (node.owners.some((ref) => !was.has(ref.uid) && !this.isSolid(node, ref))) this.work.check(node.uid);
    for (const ref of before.owners) {
      const now = node.owners.find(({ uid }) => uid === ref.uid);
      const unblocked = ref.blockOwnerDeletion === true && now?.blockOwnerDeletion !== true;
      if ((!now || unblocked) && this.nodes.get(ref.uid)?.deletingDependents) this.work.check(ref.uid);
    }
  }

  /** True when the owner is known to be there, as described, and is not waiting for this dependent to go. */
  isSolid(node: GraphNode, ref: OwnerReference): boolean {
    const owner = this.nodes.get(ref.uid);
    return owner !== undefined && describes(ref, owner, node) && !owner.deletingDependents;
  }

  private link(ownerUid: string, node: GraphNode): void {
    const dependents = this.byOwner.get(ownerUid) ?? new Set();
    this.byOwner.set(ownerUid, dependents);
    dependents.add(node);
  }

  private unlink(ownerUid: string, node: GraphNode): void {
    const dependents = this.byOwner.get(ownerUid);
    dependents?.delete(node);
    if (dependents?.size === 0) this.byOwner.delete(ownerUid);
  }
}

/** Whether the reference's kind, name and (by the dependent's) namespace are those of the object with its UID. */
export const describes = (ref: OwnerReference, owner: GraphNode, dependent: GraphNode): boolean =>
  ref.kind === owner.definition.kind &&
  groupOf(ref.apiVersion) === owner.definition.group &&
  ref.name === owner.name &&
  (owner.namespace === undefined || owner.namespace === dependent.namespace);

function nodeOf(definition: ResourceDefinition, { metadata }: Stored<KubeObject>): GraphNode {
  const finalizers = metadata.finalizers ?? [];
  const beingDeleted = metadata.deletionTimestamp !== undefined;
  return {
    definition,
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    owners: metadata.ownerReferences ?? [],
    finalizers,
    beingDeleted,
    deletingDependents: beingDeleted && finalizers.includes(foregroundFinalizer),
    orphaning: beingDeleted && finalizers.includes(orphanFinalizer),
  };
}
