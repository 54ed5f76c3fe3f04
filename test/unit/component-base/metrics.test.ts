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

  it('counts on between scrapes', async () => {
    const metrics = createMetrics({ process: false });
    const counter = metrics.counter({ name: 'a_total', help: 'A.', labels: ['verb', 'code'] });
    counter.inc({ verb: 'GET', code: '200' });
    expect(await metrics.text()).toContain('a_total{verb="GET",code="200"} 1\n');
    counter.inc({ code: '200', verb: 'GET' }, 2);
    counter.inc({ verb: 'GET', code: '404' });
    const text = await metrics.text();
    expect(text).toContain('a_total{verb="GET",code="200"} 3\n');
    expect(text).toContain('a_total{verb="GET",code="404"} 1\n');
  });

  it('prints histograms as Prometheus reads them', async () => {
    const metrics = createMetrics({ process: false });
    const histogram = metrics.histogram({ name: 'seconds', help: 'S.', labels: ['verb'], buckets: [0.5, 1] });
    for (const value of [0.5, 0.75, 1, 4]) histogram.observe(value, { verb: 'GET' });
    expect(await metrics.text()).toBe(
      [
        '# HELP seconds S.',
        '# TYPE seconds histogram',
        'seconds_bucket{le="0.5",verb="GET"} 1',
        'seconds_bucket{le="1",verb="GET"} 3',
        'seconds_bucket{le="+Inf",verb="GET"} 4',
        'seconds_sum{verb="GET"} 6.25',
        'seconds_count{verb="GET"} 4\n',
      ].join('\n'),
    );
  });

  it('prints what has no labels before it was counted', async () => {
    const metrics = createMetrics({ process: false });
    metrics.counter({ name: 'a_total', help: 'A.' });
    metrics.histogram({ name: 'seconds', help: 'S.' });
    const text = await metrics.text();
    expect(text).toContain('a_total 0');
    expect(text).toContain('seconds_count 0');
  });

  it('refuses labels that a metric does not have', () => {
    const metrics = createMetrics({ process: false });
    const counter = metrics.counter({ name: 'a_total', help: 'A.', labels: ['name'] });
    expect(() => counter.inc({ nmae: 'x' })).toThrow('metric a_total has no label nmae');
  });

  it('tells of the process and of the version it serves', async () => {
    const text = await createMetrics().text();
    expect(text).toMatch(
      /^kubernetes_build_info\{major="1",minor="\d+",git_version="v1\..*kubelab",platform="linux\/\w+"\} 1$/m,
    );
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
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
