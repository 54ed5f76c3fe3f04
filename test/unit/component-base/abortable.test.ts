import { abortable } from '../../../component-base/abortable';

const never = new Promise<string>(() => undefined);

describe('abortable', () => {
  it('gives what the promise gives', async () => {
    await expect(abortable(Promise.resolve('done'), new AbortController().signal)).resolves.toBe('done');
    await expect(abortable(Promise.resolve('done'), undefined)).resolves.toBe('done');
    await expect(abortable(Promise.reject(new Error('broken')), AbortSignal.abort())).rejects.toThrow('aborted');
  });

  it('rejects as soon as the signal aborts, also when it had aborted before', async () => {
    const stop = new AbortController();
    const waiting = abortable(never, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(abortable(never, stop.signal)).rejects.toThrow('enough');
  });
});
