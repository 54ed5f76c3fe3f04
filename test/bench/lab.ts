/** The cluster that is measured, followed by informers: a measurement ends with the event that it waits for. */
import { join } from 'node:path';
import { type Deployment, deployments } from '../../api/apps/v1/deployment';
import { isPodReady, type Pod, pods } from '../../api/core/v1/pod';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { Informer } from '../../client/informer';
import { createInformerFactory } from '../../client/informer-factory';
import { loadKubeconfig } from '../../client/kubeconfig';
import { createRestClient } from '../../client/rest-client';
import { systemClock } from '../../component-base/clock';
import { createLogger } from '../../component-base/logger';
import type { TestCluster } from '../support/test-cluster';
import { type BenchEngine, createBenchEngine } from './bench-engine';

export const replicas = 30;
const timeoutMs = 180_000;

const manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'bench' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'bench' } },
    template: {
      metadata: { labels: { app: 'bench' } },
      spec: {
        containers: [
          {
            name: 'demo',
            image: 'kubelab/demo:v1',
            ports: [{ containerPort: 8080 }],
            readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
};

/** What an informer knows, with a promise for what it shall know. */
export interface Followed<T extends KubeObject> {
  list(): Stored<T>[];
  /** Resolves on the event that makes it true; rejects after three minutes. */
  until(what: string, condition: (objects: Stored<T>[]) => boolean): Promise<void>;
}

export interface Lab {
  cluster: TestCluster;
  engine: BenchEngine;
  pods: Followed<Pod>;
  deployments: Followed<Deployment>;
  /** Runs `kubectl apply` and waits until all replicas are Ready. */
  applyDeployment(): Promise<void>;
  /** The same, unless it is there already. */
  ensureDeployment(): Promise<void>;
  /** Resolves when the engine has no container of the bench's pods any more. */
  untilNoContainers(): Promise<void>;
  /** Follows the API server, also again after the cluster was down. */
  connect(): Promise<void>;
  disconnect(): void;
}

function follow<T extends KubeObject>(informer: Informer<T>): Followed<T> {
  const looks = new Set<() => void>();
  const look = (): void => looks.forEach((one) => one());
  informer.addEventHandler({ add: look, update: look, delete: look });
  return {
    list: () => informer.lister.list(),
    until: (what, condition) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          looks.delete(check);
          reject(new Error(`${what}: not within ${timeoutMs / 1000} s`));
        }, timeoutMs);
        const check = (): void => {
          if (!condition(informer.lister.list())) return;
          clearTimeout(timer);
          looks.delete(check);
          resolve();
        };
        looks.add(check);
        check();
      }),
  };
}

export const isLiveAndReady = (pod: Pod): boolean => !pod.metadata?.deletionTimestamp && isPodReady(pod);
const allReady = (list: Pod[]): boolean => list.filter(isLiveAndReady).length === replicas;

export async function createLab(cluster: TestCluster): Promise<Lab> {
  const engine = createBenchEngine();
  let stop = new AbortController();

  const lab: Lab = {
    cluster,
    engine,
    async applyDeployment() {
      await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
      await lab.pods.until('all replicas Ready', allReady);
    },
    async ensureDeployment() {
      if (!allReady(lab.pods.list())) await lab.applyDeployment();
    },
    async untilNoContainers() {
      const { id } = await cluster.facts();
      await engine.untilNone([`kubelab.io/cluster=${id}`, 'io.kubernetes.pod.namespace=default']);
    },
    async connect() {
      stop = new AbortController();
      const config = await loadKubeconfig(join(cluster.layout.kubeconfigs, 'admin.kubeconfig'));
      const client = createRestClient(config, { userAgent: 'kubelab-bench' });
      const factory = createInformerFactory({ client, clock: systemClock, log: createLogger('bench') });
      const informerOf = <T extends KubeObject>(definition: ResourceDefinition<T>): Followed<T> =>
        follow(factory.informer(definition, { namespace: 'default' }));
      lab.pods = informerOf(pods);
      lab.deployments = informerOf(deployments);
      factory.start(stop.signal);
      await factory.waitForSync(AbortSignal.timeout(timeoutMs));
    },
    disconnect: () => stop.abort(),
  } as Lab;
  await lab.connect();
  return lab;
}
