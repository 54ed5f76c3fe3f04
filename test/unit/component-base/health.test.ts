import { createHealth } from '../../../component-base/health';

describe('health', () => {
  it('answers ok, and lists the checks when asked to', async () => {
    const health = createHealth();
    health.add('etcd', () => {}, ['readyz']);
    expect(await health.handle('/healthz')).toEqual({ code: 200, body: 'ok' });
    expect(await health.handle('/readyz?verbose')).toEqual({
      code: 200,
      body: '[+]ping ok\n[+]etcd ok\nreadyz check passed\n',
    });
    expect(await health.handle('/livez?verbose')).toEqual({ code: 200, body: '[+]ping ok\nlivez check passed\n' });
  });

  it('withholds the reason of a failure from the caller and tells it to the process', async () => {
    const reasons: unknown[] = [];
    const health = createHealth({ onFailure: (...args) => reasons.push(args.slice(0, 2)) });
    health.add('etcd', () => Promise.reject(new Error('secret')));
    expect(await health.handle('/healthz')).toEqual({
      code: 500,
      body: '[+]ping ok\n[-]etcd failed: reason withheld\nhealthz check failed\n',
    });
    expect(reasons).toEqual([['healthz', 'etcd']]);
    expect(await health.handle('/healthz?exclude=etcd')).toEqual({ code: 200, body: 'ok' });
    expect(await health.handle('/healthz/ping')).toEqual({ code: 200, body: 'ok' });
    expect((await health.handle('/healthz/etcd'))?.code).toBe(500);
    expect(await health.handle('/healthz/none')).toBeUndefined();
    expect(await health.handle('/metrics')).toBeUndefined();
  });
});
