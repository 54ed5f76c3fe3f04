/** Applies the hello demo with plain kubectl and shows that different pods answer its node port in turn. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster';
import type { Progress } from './progress';
import { run } from '../component-base/run-command';
import { SetupError } from './setup-error';

const manifests = resolve(__dirname, '../../deploy/demos/hello');

export async function showDemo(_cluster: Cluster, kubeconfig: string, progress: Progress): Promise<void> {
  const kubectl = (...args: string[]): Promise<string> =>
    run('kubectl', ['--kubeconfig', kubeconfig, ...args]).then(({ stdout }) => stdout);
  await progress.step('Demo: kubectl apply -f deploy/demos/hello', async () => {
    await kubectl('apply', '-f', manifests);
    await kubectl('rollout', 'status', 'deployment/hello', '--timeout=60s');
  });
  const port = await kubectl('get', 'service', 'hello', '-o', 'jsonpath={.spec.ports[0].nodePort}');
  const url = `http://127.0.0.1:${port}/`;
  const answers = await progress.step(`Demo: curl ${url}`, () => askSeveralTimes(url, 4));
  for (const answer of answers) progress.say(`     ${answer}`);
}

/** The node port answers within a moment of the endpoints being ready; until then the connection is refused. */
async function askSeveralTimes(url: string, times: number): Promise<string[]> {
  const deadline = Date.now() + 15_000;
  const answers: string[] = [];
  while (answers.length < times) {
    try {
      const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(2000) });
      answers.push((await response.text()).trim());
    } catch (error) {
      if (Date.now() > deadline) throw new SetupError(`The demo does not answer at ${url}.`, { cause: error });
      await sleep(50);
    }
  }
  return answers;
}
