/**
 * The scheduler's picture of the nodes and what runs on them, including pods it has just placed and the API server has not
 * confirmed. A scheduling cycle never yields, so the cache itself is its snapshot. Upstream: `pkg/scheduler/backend/cache`.
 */
import type { Node } from '../api/core/v1/node';
import type { Pod } from '../api/core/v1/pod';
import type { Stored } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import {
  addPod,
  cloneNodeInfo,
  newNodeInfo,
  newPodInfo,
  type NodeInfo,
  type PodInfo,
  removePod,
  setNode,
} from './node-info';

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

  /** A pod that has a node, added or changed; confirms an assumed one. */
  setPod(pod: Stored<Pod>): void {
    this.assumed.delete(pod.metadata.uid);
    this.nominated.delete(pod.metadata.uid);
    this.place(newPodInfo(pod), pod.spec?.nodeName ?? '');
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

  /** Counts a pod as running where it is about to be bound. */
  assume(info: PodInfo, nodeName: string): void {
    const { uid } = info.pod.metadata;
    this.place(info, nodeName);
    this.nominated.delete(uid);
    this.assumed.set(uid, { nodeName, expiresAt: Infinity });
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

  /** The pod waits for room on that node; '' takes it back. */
  nominate(info: PodInfo, nodeName: string): void {
    const { uid } = info.pod.metadata;
    if (nodeName) this.nominated.set(uid, { info, nodeName });
    else this.nominated.delete(uid);
  }

  removeNomination(uid: string): void {
    this.nominated.delete(uid);
  }

  /** The node with the pods of at least this pod's priority that wait for it; undefined when there are none. */
  withNominated(pod: PodInfo, node: NodeInfo): NodeInfo | undefined {
    if (this.nominated.size === 0) return undefined;
    const waiting = [...this.nominated.values()].filter(
      ({ info, nodeName }) =>
        nodeName === node.node.metadata.name &&
        info.priority >= pod.priority &&
        info.pod.metadata.uid !== pod.pod.metadata.uid,
    );
    if (waiting.length === 0) return undefined;
    const clone = cloneNodeInfo(node);
    for (const { info } of waiting) addPod(clone, info);
    return clone;
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
