/**
 * Metrics in Prometheus' text form, under upstream's names. The only file that knows prom-client; each process makes one
 * registry and hands it on.
 */
import client from 'prom-client';
import { version } from './version';
import { HistogramTally, type Labels, Tally } from './tally';

export type { Labels };

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
  /** Forgets every value. */
  reset(): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
  /** Observes with the same labels every time, for less. */
  with(labels: Labels): (value: number) => void;
}

/** The registry of a process. Asking twice for one name gives the same metric. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  /** `collect` runs at each scrape, to set what is only known then. */
  gauge(options: MetricOptions & { collect?(gauge: Gauge): void | Promise<void> }): Gauge;
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
    publishBuild(registry);
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
    counter: (o) => once(o.name, () => makeCounter(base(o))),
    gauge: (o) =>
      once(o.name, () => {
        const collect = o.collect && ((): void | Promise<void> => o.collect?.(wrapped));
        const wrapped: Gauge = wrapGauge(new client.Gauge({ ...base(o), ...(collect && { collect }) }));
        return wrapped;
      }),
    histogram: (o) => once(o.name, () => makeHistogram(registry, o)),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function publishBuild(registry: client.Registry): void {
  const { major, minor, gitVersion: git_version } = version;
  const labels = { major, minor, git_version, platform: `${process.platform}/${process.arch}` };
  const gauge = new client.Gauge({
    name: 'kubernetes_build_info',
    help: "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    labelNames: Object.keys(labels),
    registers: [registry],
  });
  gauge.set(labels, 1);
}

/** Counts by itself, and tells prom-client at each scrape. */
function makeCounter(config: client.CounterConfiguration<string> & { labelNames: string[] }): Counter {
  const tally = new Tally(config.name, config.labelNames, () => ({ count: 0 }));
  const counter = new client.Counter({
    ...config,
    collect: () => {
      for (const { labels, sum } of tally.entries()) {
        counter.inc(labels, sum.count);
        sum.count = 0;
      }
    },
  });
  return { inc: (labels = {}, by = 1) => void (tally.of(labels).count += by) };
}

const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of its metrics a registry only knows the name, and what they have to say. */
function makeHistogram(
  registry: client.Registry,
  { name, help, labels = [], buckets = defaultBuckets }: MetricOptions & { buckets?: readonly number[] },
): Histogram {
  const tally = new HistogramTally(name, labels, buckets);
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type: 'histogram', values: tally.samples(), aggregator: 'sum' }),
  };
  registry.registerMetric(metric as unknown as client.Histogram);
  return { observe: (value, given = {}) => tally.observe(value, given), with: (given) => tally.with(given) };
}

const wrapGauge = (gauge: client.Gauge): Gauge => ({
  set: (value, labels) => (labels ? gauge.set(labels, value) : gauge.set(value)),
  add: (by, labels) => (labels ? gauge.inc(labels, by) : gauge.inc(by)),
  remove: (labels) => gauge.remove(labels),
  reset: () => gauge.reset(),
});
