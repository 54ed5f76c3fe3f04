/** What a failing e2e test prints: the objects and events of its namespace, and the components' last words. */
import { run } from '../../component-base/run-command';
import type { TestNamespace } from './shared-cluster';

export const explainFailure = {
  /** Inside `afterEach`: whether the test that just ended failed. */
  currentTestFailed: (): boolean => failedTests().has(expect.getState().currentTestName ?? ''),

  /** Whether a `beforeAll` failed: then no test runs, so none is among the failed ones. */
  hookFailed: (): boolean => (globalThis as { kubelabHookFailed?: boolean }).kubelabHookFailed === true,

  async print(namespace: TestNamespace): Promise<void> {
    const parts: string[] = [];
    for (const args of [
      ['get', 'all,endpointslices,pvc', '-o', 'wide'],
      ['describe', 'pods'],
      ['get', 'events', '--sort-by=.lastTimestamp'],
    ]) {
      const { stdout, stderr } = await namespace.run(args, { allowFailure: true });
      parts.push(`--- kubectl ${args.join(' ')}\n${stdout}${stderr}`);
    }
    const logs = await run('sh', ['-c', `tail -n 25 ${namespace.cluster.layout.logs}/*.log`], { allowFailure: true });
    console.log([`The namespace ${namespace.name} of the failed test:`, ...parts, logs.stdout].join('\n'));
  },
};

/** Filled by `e2e-environment.js` as tests fail. */
const failedTests = (): Set<string> =>
  (globalThis as { kubelabFailedTests?: Set<string> }).kubelabFailedTests ?? new Set();
