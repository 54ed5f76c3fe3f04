/** The tables that the benchmark ends with. */
import { footprintGoalBytes, type ProcessFootprint } from './footprint';
import type { EngineFloor, Measurement } from './measurement';

export interface Result {
  measurement: Measurement;
  value: number;
}

const inSeconds = (value: number): string => `${value.toFixed(2)} s`;
const ratio = (value: number, to: number): string => `${(value / to).toFixed(2)}×`;

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
export function formatTable(header: string[], rows: string[][]): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => (column ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(header), rule, ...rows.map(line)].join('\n');
}

function rowOf({ measurement, value }: Result, floor: EngineFloor | undefined): string[] {
  const [low, high] = measurement.kubernetes;
  const base = measurement.floor && floor?.[measurement.floor];
  const goal = measurement.goal(floor);
  return [
    measurement.title,
    inSeconds(value),
    low === high ? `${low} s` : `${low} to ${high} s`,
    ratio(value, (low + high) / 2),
    base ? inSeconds(base) : '',
    base ? ratio(value, base) : '',
    goal ? `${inSeconds(goal)} ${value <= goal ? '✓' : '✗'}` : '',
  ];
}

export function formatResults(results: Result[], floors: Map<number, EngineFloor>): string {
  const best = bestOf(floors);
  const header = ['one node', 'kubelab', 'Kubernetes 1.20', 'ratio', 'engine floor', 'ratio', 'goal'];
  const notes = [...floors].map(
    ([limit, { start, remove }]) =>
      `engine alone, 30 pairs, ${limit} in flight: start ${inSeconds(start)}, remove ${inSeconds(remove)}`,
  );
  return [
    formatTable(
      header,
      results.map((result) => rowOf(result, best)),
    ),
    ...notes,
  ].join('\n');
}

/** The better of the concurrencies, each for itself. Undefined when none was measured. */
export function bestOf(floors: Map<number, EngineFloor>): EngineFloor | undefined {
  if (!floors.size) return undefined;
  const all = [...floors.values()];
  return { start: Math.min(...all.map(({ start }) => start)), remove: Math.min(...all.map(({ remove }) => remove)) };
}

export function formatFootprint(title: string, processes: ProcessFootprint[]): string {
  const total = processes.reduce(
    (sum, { pssBytes, cpu }) => ({ name: 'in all', pssBytes: sum.pssBytes + pssBytes, cpu: sum.cpu + cpu }),
    { name: 'in all', pssBytes: 0, cpu: 0 },
  );
  const rows = [...processes, total].map(({ name, pssBytes, cpu }) => [
    name,
    `${(pssBytes / 1e6).toFixed(1)} MB`,
    `${(cpu * 100).toFixed(2)} %`,
  ]);
  const verdict = total.pssBytes <= footprintGoalBytes ? '✓' : '✗';
  return `${formatTable([title, 'PSS', 'CPU of one core'], rows)}\ngoal: under ${footprintGoalBytes / 1e6} MB ${verdict}`;
}
