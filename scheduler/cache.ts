/**
 * The scheduler's picture of the nodes and what runs on them, including pods it has just placed and the API server has not
 * confirmed. A scheduling cycle never yields, so the cache itself is its snapshot. Upstream: `pkg/scheduler/backend/cache`.
 */
import type { Node } from '../api/core/v1/node';
import type { Pod } from '../api/core/v1/pod';
import type { Stored } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import { addPod, newNodeInfo, newPodInfo, type NodeInfo, type PodInfo, removePod, setNode } from './node-info';

interface Assumed {
  nodeName: string;
  /** When to give up on its confirmation; Infinity while it is being bound. */
  expiresAt: number;
}

/** A bound pod that no watch event confirmed for this long was lost with its event. */
const confirmationMs = 15 * 60 * 1000;

export class SchedulerCache {
  /** Also names that only pods know: their node is coming, or went before them. */
  private readonly infos = new Map<string, NodeInfo>();
  private readonly known = new Set<string>();
  private readonly assumed = new Map<string, Assumed>();
  /** Node by pod uid, assumed ones too. */
  private readonly places = new Map<string, string>();
  /** Pods that wait for room made on a node, by uid. */
  private readonly nominated = new Map<string, { info: PodInfo; nodeName: string }>();
  private list: NodeInfo[] | undefined;

  constructor(private readonly clock: Clock) {}

  /** All nodes. Shared and live: valid until the next await. */
  nodes(): readonly NodeInfo[] {
    this.list ??= [...this.known].map((name) => this.infos.get(name) as NodeInfo);
    return this.list;
  }

  setNode(node: Stored<Node>): void {
    const { name } = node.metadata;
    const info = this.infos.get(name);
    if (info) setNode(info, node);
    else this.infos.set(name, newNodeInfo(node));
    if (!this.known.has(name)) this.list = undefined;
    this.known.add(name);
  }

  removeNode(name: string): void {
    this.known.delete(name);
    this.list = undefined;
    if (this.infos.get(name)?.pods.size === 0) this.infos.delete(name);
  }

  /** A pod that has a node, added or changed; confirms an assumed one. True when it leaves room kept for it elsewhere. */
  setPod(pod: Stored<Pod>): boolean {
    const nodeName = pod.spec?.nodeName ?? '';
    this.assumed.delete(pod.metadata.uid);
    this.place(newPodInfo(pod), nodeName);
    return this.leaveNomination(pod.metadata.uid, nodeName);
  }

  /** True when it had a place, or one was being made for it: others may have waited for that. */
  removePod(uid: string): boolean {
    const nodeName = this.places.get(uid);
    this.assumed.delete(uid);
    const wasNominated = this.nominated.delete(uid);
    this.places.delete(uid);
    const info = nodeName === undefined ? undefined : this.infos.get(nodeName);
    if (!info || nodeName === undefined) return wasNominated;
    removePod(info, uid);
    if (info.pods.size === 0 && !this.known.has(nodeName)) this.infos.delete(nodeName);
    return true;
  }

  /** Counts a pod as running where it is about to be bound. True when it leaves room kept for it elsewhere. */
  assume(info: PodInfo, nodeName: string): boolean {
    const { uid } = info.pod.metadata;
    this.place(info, nodeName);
    this.assumed.set(uid, { nodeName, expiresAt: Infinity });
    return this.leaveNomination(uid, nodeName);
  }

  /** It is bound: the watch must confirm it. */
  finishBinding(uid: string): void {
    const assumed = this.assumed.get(uid);
    if (assumed) assumed.expiresAt = this.clock.now() + confirmationMs;
  }

  /** The binding failed. */
  forget(uid: string): void {
    if (this.assumed.has(uid)) this.removePod(uid);
  }

  isAssumed(uid: string): boolean {
    return this.assumed.has(uid);
  }

  /** Gives up on bound pods that were never confirmed; to be called now and then. */
  expireAssumed(): void {
    for (const [uid, { expiresAt }] of this.assumed) if (expiresAt <= this.clock.now()) this.removePod(uid);
  }

  /** The pod waits for room on that node; '' takes it back. True when it leaves room kept for it elsewhere. */
  nominate(info: PodInfo, nodeName: string): boolean {
    const { uid } = info.pod.metadata;
    const left = this.leaveNomination(uid, nodeName);
    if (nodeName) this.nominated.set(uid, { info, nodeName });
    return left;
  }

  /**
   * A pod without a node changed. What its status says counts only if that is what changed: a nomination made here may not
   * have got there. True when it leaves room kept for it elsewhere.
   */
  updatePending(pod: Stored<Pod>, old: Stored<Pod>): boolean {
    const told = pod.status?.nominatedNodeName ?? '';
    const nodeName =
      told === (old.status?.nominatedNodeName ?? '') ? this.nominated.get(pod.metadata.uid)?.nodeName : told;
    return nodeName === undefined ? false : this.nominate(newPodInfo(pod), nodeName);
  }

  /** The pods that wait for room on a node, in no order. */
  nominatedOn(nodeName: string): PodInfo[] {
    const waiting: PodInfo[] = [];
    for (const each of this.nominated.values()) if (each.nodeName === nodeName) waiting.push(each.info);
    return waiting;
  }

  private leaveNomination(uid: string, forNodeName: string): boolean {
    const before = this.nominated.get(uid);
    this.nominated.delete(uid);
    return before !== undefined && before.nodeName !== forNodeName;
  }

  private place(info: PodInfo, nodeName: string): void {
    const { uid } = info.pod.metadata;
    const before = this.places.get(uid);
    if (before !== undefined) removePod(this.infos.get(before) as NodeInfo, uid);
    let node = this.infos.get(nodeName);
    if (!node) {
      const placeholder = { metadata: { name: nodeName, uid: '', resourceVersion: '', creationTimestamp: '' } };
      node = newNodeInfo(placeholder);
      this.infos.set(nodeName, node);
    }
    addPod(node, info);
    this.places.set(uid, nodeName);
  }
}
