/** Runs the enabled plugins in order, and times them. Upstream: apiserver `pkg/admission/{chain,metrics/metrics}.go`. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { Metrics } from '../../component-base/metrics';
import type { Admission, AdmissionAttributes, AdmissionPlugin, Operation } from './admission';

export type Phase = 'admit' | 'validate';

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export function createChain(plugins: readonly AdmissionPlugin[], metrics?: Metrics): Admission {
  const concerned = concernedPlugins(plugins);
  const timer = createTimer(metrics);

  const runPlugin = async (plugin: AdmissionPlugin, phase: Phase, attributes: AdmissionAttributes): Promise<void> => {
    const begun = performance.now();
    let rejected = true;
    try {
      // Most answer at once.
      const answer = plugin[phase]!(attributes);
      if (answer) await answer;
      rejected = false;
    } finally {
      timer.plugin(plugin.name, phase, attributes.operation, rejected, begun);
    }
  };

  const run = async (phase: Phase, attributes: AdmissionAttributes): Promise<void> => {
    const { definition, subresource, operation } = attributes;
    const begun = performance.now();
    let rejected = true;
    try {
      for (const plugin of concerned(definition, subresource, operation)) {
        if (plugin[phase]) await runPlugin(plugin, phase, attributes);
      }
      rejected = false;
    } finally {
      timer.step(phase, operation, rejected, begun);
    }
  };
  return {
    async admit(attributes) {
      await run('admit', attributes);
      const { reinvocation } = attributes;
      if (!reinvocation?.needed) return;
      reinvocation.active = true;
      await run('admit', attributes);
    },
    validate: (attributes) => run('validate', attributes),
  };
}

type Concerned = (
  definition: ResourceDefinition,
  subresource: string,
  operation: Operation,
) => readonly AdmissionPlugin[];

/** Most plugins look at one kind: who looks at which is remembered, so that the others cost a request nothing. */
function concernedPlugins(plugins: readonly AdmissionPlugin[]): Concerned {
  const known = new WeakMap<ResourceDefinition, Map<string, readonly AdmissionPlugin[]>>();
  return (definition, subresource, operation) => {
    let paths = known.get(definition);
    if (!paths) known.set(definition, (paths = new Map()));
    const key = `${operation} ${subresource}`;
    let list = paths.get(key);
    if (!list) {
      list = plugins.filter(
        ({ operations, concerns }) => operations.includes(operation) && (concerns?.(definition, subresource) ?? true),
      );
      paths.set(key, list);
    }
    return list;
  };
}

function createTimer(metrics: Metrics | undefined) {
  const controller = metrics?.histogram({
    name: 'apiserver_admission_controller_admission_duration_seconds',
    help: 'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
    labels: ['name', 'type', 'operation', 'rejected'],
    buckets,
  });
  const step = metrics?.histogram({
    name: 'apiserver_admission_step_admission_duration_seconds',
    help: 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
    labels: ['type', 'operation', 'rejected'],
    buckets,
  });
  const since = (begun: number): number => (performance.now() - begun) / 1000;
  return {
    plugin(name: string, type: Phase, operation: Operation, rejected: boolean, begun: number): void {
      controller?.observe(since(begun), { name, type, operation, rejected: String(rejected) });
    },
    step(type: Phase, operation: Operation, rejected: boolean, begun: number): void {
      step?.observe(since(begun), { type, operation, rejected: String(rejected) });
    },
  };
}
