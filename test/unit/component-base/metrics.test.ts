import { createMetrics, exponentialBuckets } from '../../../component-base/metrics';

describe('metrics', () => {
  it('prints counters, gauges and histograms in text form', async () => {
    const metrics = createMetrics({ process: false });
    metrics.counter({ name: 'a_total', help: 'A.', labels: ['name'] }).inc({ name: 'x' }, 2);
    metrics.gauge({ name: 'depth', help: 'D.', collect: (gauge) => gauge.set(7) });
    metrics.histogram({ name: 'seconds', help: 'S.', buckets: [1, 2] }).observe(1.5);
    const text = await metrics.text();
    expect(text).toContain('a_total{name="x"} 2');
    expect(text).toContain('depth 7');
    expect(text).toContain('seconds_bucket{le="2"} 1');
  });

  it('gives the same metric when asked for a name again', () => {
    const metrics = createMetrics({ process: false });
    const options = { name: 'a_total', help: 'A.' };
    expect(metrics.counter(options)).toBe(metrics.counter(options));
  });

  it('has the process in it by default', async () => {
    expect(await createMetrics().text()).toContain('process_cpu_seconds_total');
  });

  it('makes exponential buckets', () => expect(exponentialBuckets(1, 10, 3)).toEqual([1, 10, 100]));
});
