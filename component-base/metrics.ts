/**
 * Metrics in Prometheus' text form, under upstream's names. The only file that knows prom-client; each process makes one
 * registry and hands it on.
 */
import client from 'prom-client';

export type Labels = Record<string, string>;

export interface MetricOptions {
  name: string;
  help: string;
  labels?: readonly string[];
}

export interface Counter {
  inc(labels?: Labels, by?: number): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
  add(by: number, labels?: Labels): void;
  remove(labels: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** The registry of a process. Asking twice for one name gives the same metric. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  /** `collect` runs at each scrape, to set what is only known then. */
  gauge(options: MetricOptions & { collect?(gauge: Gauge): void }): Gauge;
  histogram(options: MetricOptions & { buckets?: readonly number[] }): Histogram;
  readonly contentType: string;
  text(): Promise<string>;
}

/** `start, start*factor, …`: `count` buckets, as Prometheus' Go client makes them. */
export const exponentialBuckets = (start: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i);

/** With `process` (the default) the process' own CPU, memory and event loop are in it. */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new client.Registry();
  // A coarse event-loop sampler: the default of 10 ms would wake an idle process a hundred times a second.
  if (options.process !== false) {
    client.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 1000 });
  }
  const made = new Map<string, unknown>();
  const once = <M>(name: string, make: () => M): M => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as M;
  };
  const base = ({ name, help, labels = [] }: MetricOptions) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    counter: (o) => once(o.name, () => wrapCounter(new client.Counter(base(o)))),
    gauge: (o) =>
      once(o.name, () => {
        const collect = o.collect && ((): void => o.collect?.(wrapped));
        const wrapped: Gauge = wrapGauge(new client.Gauge({ ...base(o), ...(collect && { collect }) }));
        return wrapped;
      }),
    histogram: (o) =>
      once(o.name, () =>
        wrapHistogram(new client.Histogram({ ...base(o), ...(o.buckets && { buckets: [...o.buckets] }) })),
      ),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

const wrapCounter = (counter: client.Counter): Counter => ({
  inc: (labels, by = 1) => (labels ? counter.inc(labels, by) : counter.inc(by)),
});

const wrapGauge = (gauge: client.Gauge): Gauge => ({
  set: (value, labels) => (labels ? gauge.set(labels, value) : gauge.set(value)),
  add: (by, labels) => (labels ? gauge.inc(labels, by) : gauge.inc(by)),
  remove: (labels) => gauge.remove(labels),
});

const wrapHistogram = (histogram: client.Histogram): Histogram => ({
  observe: (value, labels) => (labels ? histogram.observe(labels, value) : histogram.observe(value)),
});
