/** kube-apiserver: serves the API over etcd. */
import { runProcess } from '../component-base/run-process';
import { apiServerFlags } from './flags';
import { startApiServer } from './start';

void runProcess({
  component: 'kube-apiserver',
  flags: apiServerFlags,
  graceMs: ({ shutdownDelayDuration, shutdownGracePeriod }) => 20_000 + shutdownDelayDuration + shutdownGracePeriod,
  async main(flags, context) {
    const server = await startApiServer({ ...context, flags });
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await server.stop();
  },
});
