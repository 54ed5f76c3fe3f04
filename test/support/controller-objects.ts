/** Stored objects as controllers find them in their caches, frozen so that whoever edits them fails. */
import type { Deployment } from '../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../api/apps/v1/replicaset';
import type { Node } from '../../api/core/v1/node';
import type { Pod } from '../../api/core/v1/pod';
import type { Service } from '../../api/core/v1/service';
import type { KubeObject, ObjectMeta, Stored } from '../../api/meta/types';
import type { Lister } from '../../client/informer';
import { ObjectStore } from '../../client/object-store';

export const epochMs = Date.parse('2026-01-01T00:00:00Z');
/** RFC 3339, seconds after the epoch of these tests. */
export const at = (seconds: number): string => `${new Date(epochMs + seconds * 1000).toISOString().slice(0, 19)}Z`;

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

export function stored<T extends KubeObject>(object: T): Stored<T> {
  const metadata: ObjectMeta = {
    name: 'web',
    uid: `uid-of-${object.metadata?.name ?? 'web'}`,
    resourceVersion: '1',
    creationTimestamp: at(0),
    ...object.metadata,
  };
  return deepFreeze({ ...object, metadata }) as Stored<T>;
}

export interface PodOptions {
  name?: string;
  node?: string;
  ip?: string;
  phase?: string;
  /** Since when, in seconds; undefined: not ready. */
  readyAt?: number;
  createdAt?: number;
  restarts?: number;
  deleting?: boolean;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  owner?: Stored<ReplicaSet>;
  tolerations?: NonNullable<Pod['spec']>['tolerations'];
}

export function pod(options: PodOptions = {}): Stored<Pod> {
  const {
    name = 'web-1',
    node: nodeName,
    ip,
    phase = 'Running',
    readyAt,
    createdAt = 0,
    restarts = 0,
    labels = { app: 'web' },
  } = options;
  return stored<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      creationTimestamp: at(createdAt),
      labels,
      ...(options.annotations && { annotations: options.annotations }),
      ...(options.deleting && { deletionTimestamp: at(0) }),
      ...(options.owner && {
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: options.owner.metadata.name,
            uid: options.owner.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      }),
    },
    spec: {
      containers: [{ name: 'web', image: 'web:1', ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }],
      ...(nodeName && { nodeName }),
      ...(options.tolerations && { tolerations: options.tolerations }),
    },
    status: {
      phase,
      ...(ip && { podIP: ip, podIPs: [{ ip }] }),
      conditions: [
        readyAt === undefined
          ? { type: 'Ready', status: 'False' }
          : { type: 'Ready', status: 'True', lastTransitionTime: at(readyAt) },
      ],
      containerStatuses: [
        { name: 'web', image: 'web:1', imageID: '', ready: readyAt !== undefined, restartCount: restarts },
      ],
    },
  });
}

export interface ReplicaSetOptions {
  name?: string;
  replicas?: number;
  available?: number;
  /** Pods there are; default: `replicas`. */
  actual?: number;
  createdAt?: number;
  image?: string;
  annotations?: Record<string, string>;
  owner?: Stored<Deployment>;
  conditions?: NonNullable<ReplicaSet['status']>['conditions'];
}

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});

export function replicaSet(options: ReplicaSetOptions = {}): Stored<ReplicaSet> {
  const { name = 'web-old', replicas = 1, available = 0, actual = replicas, createdAt = 0, image = 'web:1' } = options;
  return stored<ReplicaSet>({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      creationTimestamp: at(createdAt),
      generation: 1,
      labels: { app: 'web' },
      ...(options.annotations && { annotations: options.annotations }),
      ...(options.owner && {
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: options.owner.metadata.name,
            uid: options.owner.metadata.uid,
            controller: true,
          },
        ],
      }),
    },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image) },
    status: {
      replicas: actual,
      readyReplicas: available,
      availableReplicas: available,
      observedGeneration: 1,
      ...(options.conditions && { conditions: options.conditions }),
    },
  });
}

export interface DeploymentOptions {
  replicas?: number;
  image?: string;
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  recreate?: boolean;
  paused?: boolean;
  status?: Deployment['status'];
  annotations?: Record<string, string>;
  revisionHistoryLimit?: number;
  progressDeadlineSeconds?: number;
}

export function deployment(options: DeploymentOptions = {}): Stored<Deployment> {
  const { replicas = 10, image = 'web:2', maxSurge = '25%', maxUnavailable = '25%' } = options;
  return stored<Deployment>({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      generation: 1,
      ...(options.annotations && { annotations: options.annotations }),
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: template(image),
      strategy: options.recreate
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
      revisionHistoryLimit: options.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: options.progressDeadlineSeconds ?? 600,
      ...(options.paused && { paused: true }),
    },
    ...(options.status && { status: options.status }),
  });
}

export function node(
  name: string,
  conditions: Record<string, string> = { Ready: 'True' },
  more: Partial<Node> = {},
): Stored<Node> {
  return stored<Node>({
    apiVersion: 'v1',
    kind: 'Node',
    ...more,
    metadata: { name, ...more.metadata },
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        lastHeartbeatTime: at(0),
        lastTransitionTime: at(0),
      })),
      ...more.status,
    },
  });
}

export function service(spec: Service['spec'] = {}): Stored<Service> {
  return stored<Service>({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
    spec: {
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
      ...spec,
    },
  });
}

/** A cache that holds these objects. */
export function listerOf<T extends KubeObject>(objects: readonly Stored<T>[]): Lister<T> {
  const store = new ObjectStore<T>();
  for (const object of objects) store.set(object);
  return store;
}
