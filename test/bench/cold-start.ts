/** From `up`, with nothing of the cluster there but images, until its node is Ready: certificates, etcd, all components. */
import { spawn } from 'node:child_process';
import { compiledFile } from '../support/commands';
import type { Measurement } from './measurement';
import { halfOfKubernetes, median } from './measurement';

export const coldStart: Measurement = {
  name: 'cold-start',
  title: 'cold start of the cluster to Ready',
  kubernetes: [11, 11],
  goal: () => halfOfKubernetes(coldStart),
  run: async (lab) => {
    lab.disconnect();
    const result = await median(3, async () => {
      // Purged: an old Node object would look Ready before its kubelet is back.
      await lab.cluster.down('--purge');
      return upUntilReady(lab.cluster.name, {
        ...process.env,
        KUBELAB_HOME: lab.cluster.home,
        KUBECONFIG: lab.cluster.kubeconfig,
      });
    });
    await lab.connect();
    return result;
  },
};

/** Seconds until `up`, which watches the nodes, reports them Ready; returns when `up` has ended. */
function upUntilReady(name: string, env: NodeJS.ProcessEnv): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [compiledFile('deploy/main.js'), 'up', '--name', name, '--demo=false'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  let ready: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (/Nodes .* Ready … ✓/.test(output)) ready ??= (performance.now() - begin) / 1000;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && ready !== undefined) resolve(ready);
      else reject(new Error(`up ended with code ${code}:\n${output}`));
    });
  });
}
