import { PassThrough } from 'node:stream';
import pino from 'pino';
import { pullImage } from '../../../../kubelet/runtime/pull-image';
import { createFakeClock, settle } from '../../../support/fake-clock';

/** An engine whose answer to a pull the test writes; it ends with the request, as the connection does. */
function startPull() {
  const clock = createFakeClock();
  const answer = new PassThrough();
  const asked: string[] = [];
  const docker = {
    pull: async (image: string, { abortSignal }: { abortSignal: AbortSignal }) => {
      asked.push(image);
      abortSignal.addEventListener('abort', () => answer.destroy(new Error('aborted')));
      return answer;
    },
  };
  const deps = { clock, log: pino({ level: 'silent' }), call: <T>(_: string, task: () => Promise<T>) => task() };
  const pulling = pullImage(
    { ...deps, docker: docker as never, progressDeadlineMs: 60_000 },
    'registry:5000/app',
    undefined,
  );
  let outcome = 'pulling';
  pulling.then(
    () => (outcome = 'pulled'),
    (error: Error) => (outcome = error.message),
  );
  return {
    clock,
    asked,
    async tell(progress: object) {
      answer.write(`${JSON.stringify(progress)}\n`);
      await settle();
    },
    async end() {
      answer.end();
      await settle();
      return outcome;
    },
    async after(ms: number) {
      await clock.advance(ms);
      await settle();
      return outcome;
    },
  };
}

describe('an image pull', () => {
  it('succeeds when its answer ends without an error, and leaves no timer', async () => {
    const pull = startPull();
    await pull.tell({ status: 'Pulling from app' });
    expect(await pull.end()).toBe('pulled');
    expect(pull.asked).toEqual(['registry:5000/app:latest']);
    expect(pull.clock.pending).toBe(0);
  });

  it('fails with the error that the engine tells on the way', async () => {
    const pull = startPull();
    await pull.tell({ error: 'manifest unknown' });
    expect(await pull.end()).toBe('manifest unknown');
  });

  it('is canceled when the engine never says a word', async () => {
    const pull = startPull();
    expect(await pull.after(59_999)).toBe('pulling');
    expect(await pull.after(1)).toBe('context canceled');
  });

  it('goes on as long as there is progress', async () => {
    const pull = startPull();
    for (let i = 0; i < 5; i += 1) {
      await pull.after(50_000);
      await pull.tell({ id: 'layer', status: 'Downloading', progress: `${i}` });
    }
    expect(await pull.after(59_999)).toBe('pulling');
    expect(await pull.after(1)).toBe('context canceled');
  });

  it('may take any time to unpack', async () => {
    const pull = startPull();
    await pull.tell({ id: 'layer', status: 'Extracting' });
    expect(await pull.after(3_600_000)).toBe('pulling');
    expect(await pull.end()).toBe('pulled');
  });
});
