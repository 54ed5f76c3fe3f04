/** What `npm run bench:api` measures, in its order, with the figures of Kubernetes 1.20 on a machine of four cores. */
import type { RequestJob } from './job';

type Load = Pick<RequestJob, 'inFlight' | 'total' | 'method' | 'path'> & Partial<RequestJob>;

export interface Measurement {
  name: string;
  title: string;
  /** Of Kubernetes 1.20, per second. */
  upstream: number;
  load: Load;
  /** What the names of objects that it makes begin with. */
  created?: string;
  /** Load generators to share it among, where one would be what is measured. */
  processes?: number;
}

export const podCount = 1_000;
const pods = '/api/v1/namespaces/default/pods';

/** A pod of about 2 KB once stored, as a ReplicaSet makes them. */
const podBody = (name: string, extra: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web', 'pod-template-hash': '6d4cf56db6', slice: 's{i}' }, ...extra },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'kubelab/demo:v1',
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: Array.from({ length: 6 }, (_, i) => ({ name: `SETTING_${i}`, value: `value-${i}`.repeat(3) })),
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
          readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 },
        },
      ],
      automountServiceAccountToken: false,
    },
  });

const create = (collection: string, body: string, total: number): Load => ({
  method: 'POST',
  path: collection,
  body,
  inFlight: 32,
  total,
});

export const measurements: readonly Measurement[] = [
  {
    name: 'create-pods',
    title: 'pod creates, 32 in flight',
    upstream: 1250,
    created: 'created',
    // Into another namespace: the lists below are of the 1,000 pods in default.
    load: create('/api/v1/namespaces/bench/pods', podBody('created-{i}'), 5_000),
  },
  {
    name: 'get-pod',
    title: 'gets of one pod, 32 in flight',
    upstream: 4200,
    load: { method: 'GET', path: `${pods}/pod-7`, inFlight: 32, total: 20_000 },
  },
  {
    name: 'list-pods',
    title: 'lists of 1,000 pods, 4 in flight',
    upstream: 46,
    load: { method: 'GET', path: pods, inFlight: 4, total: 300 },
    processes: 2,
  },
  {
    name: 'list-cached',
    title: 'the same with resourceVersion=0',
    upstream: 86,
    load: { method: 'GET', path: `${pods}?resourceVersion=0`, inFlight: 4, total: 300 },
    processes: 2,
  },
  {
    name: 'list-selected',
    title: 'lists by a label, 4 in flight',
    upstream: 54,
    load: { method: 'GET', path: `${pods}?labelSelector=slice%3Ds7`, inFlight: 4, total: 1_000 },
  },
  {
    name: 'create-config-maps',
    title: 'config-map creates, 32 in flight',
    created: 'c',
    upstream: 1100,
    load: create(
      '/api/v1/namespaces/default/configmaps',
      JSON.stringify({ metadata: { name: 'c-{i}' }, data: { text: 'x'.repeat(1_000) } }),
      5_000,
    ),
  },
  {
    name: 'patch-pods',
    title: 'merge patches of 500 pods, 32 in flight',
    upstream: 178,
    load: {
      method: 'PATCH',
      path: `${pods}/pod-{i}`,
      body: JSON.stringify({ metadata: { annotations: { 'bench.kubelab.io/at': '{now}' } } }),
      contentType: 'application/merge-patch+json',
      modulo: 500,
      inFlight: 32,
      total: 4_000,
    },
  },
];

/** The pods that are there before anything is measured. */
export const storedPods: Load = create(pods, podBody('pod-{i}'), podCount);

/** What 100 watchers see: pods made while they watch. */
export const fanOut = {
  created: 'seen',
  watchers: 100,
  upstreamEvents: 38_600,
  upstreamP50Ms: 18,
  path: '/api/v1/namespaces/watched/pods?watch=1',
  load: create(
    '/api/v1/namespaces/watched/pods',
    podBody('seen-{i}', { annotations: { 'bench.kubelab.io/sent-at': '', 'sent-at': '{now}' } }),
    3_000,
  ),
};

export const idle = { goalBytes: 40_000, path: '/api/v1/namespaces/default/secrets?watch=1&allowWatchBookmarks=1' };
export const memoryGoalMb = 250;
export const upstreamMemoryMb = 540;
