/**
 * What counters and histograms hold until somebody scrapes them. Requests count in a dozen of them, so adding has to cost next
 * to nothing: one look-up by the values of the labels.
 */

export type Labels = Record<string, string>;

/** What has been added up for each combination of label values. */
export class Tally<T> {
  private readonly series = new Map<string, { labels: Labels; sum: T }>();

  constructor(
    private readonly metric: string,
    private readonly labelNames: readonly string[],
    private readonly start: () => T,
  ) {}

  /** The sum of these labels, to add to. Throws if the metric has no such label. */
  of(labels: Labels): T {
    let key = '';
    for (const name of this.labelNames) key += `${labels[name]}\u0000`;
    let one = this.series.get(key);
    if (!one) {
      const unknown = Object.keys(labels).find((name) => !this.labelNames.includes(name));
      if (unknown !== undefined) throw new Error(`metric ${this.metric} has no label ${unknown}`);
      this.series.set(key, (one = { labels: { ...labels }, sum: this.start() }));
    }
    return one.sum;
  }

  entries(): Iterable<{ labels: Labels; sum: T }> {
    return this.series.values();
  }
}

/** A line of Prometheus' text form. */
export interface Sample {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

interface Observations {
  /** One more than there are bounds: the last is of what is above all of them. */
  buckets: number[];
  sum: number;
  count: number;
}

/** A histogram over `bounds`, which ascend. */
export class HistogramTally {
  private readonly tally: Tally<Observations>;

  constructor(
    private readonly name: string,
    labelNames: readonly string[],
    private readonly bounds: readonly number[],
  ) {
    const buckets = bounds.length + 1;
    this.tally = new Tally(name, labelNames, () => ({ buckets: Array<number>(buckets).fill(0), sum: 0, count: 0 }));
    // Prometheus expects a metric without labels to be there from the beginning.
    if (labelNames.length === 0) this.tally.of({});
  }

  observe(value: number, labels: Labels): void {
    this.add(this.tally.of(labels), value);
  }

  /** Observes with these labels, without looking for them each time. */
  with(labels: Labels): (value: number) => void {
    const observations = this.tally.of(labels);
    return (value) => this.add(observations, value);
  }

  private add(observations: Observations, value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    observations.buckets[bucket]!++;
    observations.sum += value;
    observations.count++;
  }

  samples(): Sample[] {
    return Array.from(this.tally.entries(), ({ labels, sum: { buckets, sum, count } }) => {
      let below = 0;
      const bucketLines = buckets.map((inBucket, index) => ({
        metricName: `${this.name}_bucket`,
        labels: { le: this.bounds[index] ?? '+Inf', ...labels },
        value: (below += inBucket),
      }));
      return [
        ...bucketLines,
        { metricName: `${this.name}_sum`, labels, value: sum },
        { metricName: `${this.name}_count`, labels, value: count },
      ];
    }).flat();
  }
}
