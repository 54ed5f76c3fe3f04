import { PassThrough } from 'node:stream';
import { systemClock } from '../../../../component-base/clock';
import { createDockerSessions } from '../../../../kubelet/runtime/docker-sessions';

/** An engine that goes away while a command runs. */
function sessionsOn(stream: PassThrough) {
  const exec = {
    start: async () => stream,
    inspect: () => Promise.reject(new Error('the engine is gone')),
  };
  return createDockerSessions({
    docker: { getContainer: () => ({ exec: async () => exec }) } as never,
    clock: systemClock,
    call: (_action, task) => task(),
    settle: async () => undefined,
    inspect: async () => undefined,
  });
}

it('keeps the failure to learn an exit code for whoever asks for it, if anybody does', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const stream = new PassThrough();
  const session = await sessionsOn(stream).exec({ containerId: 'c', command: ['true'], tty: true, stdin: false });
  session.close();
  await new Promise((resolve) => stream.once('close', resolve));
  await new Promise((resolve) => {
    setTimeout(resolve);
  });
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  await expect(session.exit).rejects.toThrow('the engine is gone');
});
