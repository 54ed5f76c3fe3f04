/** The cluster all e2e tests share, and a namespace of its own for each test file. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandOptions, CommandResult } from '../../component-base/run-command';
import { explainFailure } from './explain-failure';
import { attachCluster, type SharedCluster, type TestCluster } from './test-cluster';
import { until } from './until';

/** Another name lets two runs go on at once. */
export const sharedClusterName = process.env.KUBELAB_E2E_CLUSTER ?? 'e2e';

export const sharedClusterFile = join(tmpdir(), `kubelab-${sharedClusterName}-cluster.json`);

export const sharedCluster = (): TestCluster =>
  attachCluster(JSON.parse(readFileSync(sharedClusterFile, 'utf8')) as SharedCluster);

export interface TestNamespace {
  cluster: TestCluster;
  name: string;
  /** Runs kubectl in this namespace and gives what it printed. */
  kubectl(...args: string[]): Promise<string>;
  /** The same with input, another version, or where failure is expected. */
  run(args: string[], options?: CommandOptions & { version?: string }): Promise<CommandResult>;
  /** `kubectl apply -f -` of a manifest. */
  apply(manifest: string | object): Promise<string>;
  /** Waits until `kubectl describe` shows it of the pod: events are sent in the background. */
  untilDescribed(pod: string, pattern: RegExp): Promise<boolean>;
}

/**
 * A namespace for the tests of one describe block: made before them, removed after them. When one of them fails, what is in
 * it is printed.
 */
export function useNamespace(name: string): TestNamespace {
  let cluster: TestCluster | undefined;
  const namespace: TestNamespace = {
    get cluster() {
      cluster ??= sharedCluster();
      return cluster;
    },
    name,
    kubectl: async (...args) => (await namespace.run(args)).stdout,
    run: (args, options) => namespace.cluster.kubectl(['-n', name, ...args], options),
    apply: async (manifest) => {
      const input = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
      return (await namespace.run(['apply', '-f', '-'], { input })).stdout;
    },
    untilDescribed: (pod, pattern) =>
      until(`${pod} described by ${String(pattern)}`, async () =>
        pattern.test(await namespace.kubectl('describe', 'pod', pod)),
      ),
  };
  let failed = false;
  beforeAll(async () => {
    await namespace.cluster.kubectl(['create', 'namespace', name]);
  }, 60_000);
  afterEach(() => {
    failed ||= explainFailure.currentTestFailed();
  });
  afterAll(async () => {
    if (failed || explainFailure.hookFailed()) await explainFailure.print(namespace);
    await namespace.cluster.kubectl(['delete', 'namespace', name, '--wait=false'], { allowFailure: true });
  }, 60_000);
  return namespace;
}
