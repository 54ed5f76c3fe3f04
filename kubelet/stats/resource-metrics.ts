/** `/metrics/resource`: the summary in Prometheus' text form, which the metrics server reads. */
import type { Summary } from './summary';

const header = (name: string, help: string, type: 'counter' | 'gauge'): string[] => [
  `# HELP ${name} [STABLE] ${help}`,
  `# TYPE ${name} ${type}`,
];

const seconds = (nanoseconds: number): string => String(nanoseconds / 1e9);

export function renderResourceMetrics({ node, pods }: Summary): string {
  const containers = pods.flatMap(({ podRef, containers: list }) =>
    list.map((stats) => ({
      stats,
      labels: `container="${stats.name}",namespace="${podRef.namespace}",pod="${podRef.name}"`,
    })),
  );
  const podLabels = ({ podRef }: Summary['pods'][number]): string =>
    `namespace="${podRef.namespace}",pod="${podRef.name}"`;
  const cpuHelp = 'Cumulative cpu time consumed by the';
  const memoryHelp = 'Current working set of the';
  return [
    ...header('container_cpu_usage_seconds_total', `${cpuHelp} container in core-seconds`, 'counter'),
    ...containers.map(
      ({ stats, labels }) => `container_cpu_usage_seconds_total{${labels}} ${seconds(stats.cpu.usageCoreNanoSeconds)}`,
    ),
    ...header('container_memory_working_set_bytes', `${memoryHelp} container in bytes`, 'gauge'),
    ...containers.map(
      ({ stats, labels }) => `container_memory_working_set_bytes{${labels}} ${stats.memory.workingSetBytes}`,
    ),
    ...header('container_start_time_seconds', 'Start time of the container since unix epoch in seconds', 'gauge'),
    ...containers.map(
      ({ stats, labels }) => `container_start_time_seconds{${labels}} ${Date.parse(stats.startTime) / 1000}`,
    ),
    ...header('node_cpu_usage_seconds_total', `${cpuHelp} node in core-seconds`, 'counter'),
    `node_cpu_usage_seconds_total ${seconds(node.cpu.usageCoreNanoSeconds)}`,
    ...header('node_memory_working_set_bytes', `${memoryHelp} node in bytes`, 'gauge'),
    `node_memory_working_set_bytes ${node.memory.workingSetBytes}`,
    ...header('pod_cpu_usage_seconds_total', `${cpuHelp} pod in core-seconds`, 'counter'),
    ...pods.map((pod) => `pod_cpu_usage_seconds_total{${podLabels(pod)}} ${seconds(pod.cpu.usageCoreNanoSeconds)}`),
    ...header('pod_memory_working_set_bytes', `${memoryHelp} pod in bytes`, 'gauge'),
    ...pods.map((pod) => `pod_memory_working_set_bytes{${podLabels(pod)}} ${pod.memory.workingSetBytes}`),
    '',
  ].join('\n');
}
