/** Runs the enabled plugins in order, and times them. Upstream: apiserver `pkg/admission/{chain,metrics/metrics}.go`. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { Metrics } from '../../component-base/metrics';
import type { Admission, AdmissionAttributes, AdmissionPlugin, Operation } from './admission';

export type Phase = 'admit' | 'validate';

const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

export function createChain(plugins: readonly AdmissionPlugin[], metrics?: Metrics): Admission {
  const timers = createTimers(metrics);
  const concerned = concernedPlugins(plugins, timers.ofPlugin);

  const run = async (phase: Phase, attributes: AdmissionAttributes): Promise<void> => {
    const { definition, subresource, operation } = attributes;
    const begun = performance.now();
    let rejected = true;
    try {
      for (const step of concerned(definition, subresource, operation)) {
        // Most have nothing to do in a phase, or answer at once.
        const answer = step.plugin[phase] && runPlugin(step, phase, attributes);
        if (answer) await answer;
      }
      rejected = false;
    } finally {
      timers.ofStep(phase, operation, rejected, since(begun));
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

const since = (begun: number): number => (performance.now() - begun) / 1000;

type Timer = (phase: Phase, rejected: boolean, seconds: number) => void;

/** A plugin that looks at objects of a kind, and what tells how long it took. */
interface Step {
  plugin: AdmissionPlugin;
  timer: Timer;
}

function runPlugin({ plugin, timer }: Step, phase: Phase, attributes: AdmissionAttributes): Promise<void> | void {
  const begun = performance.now();
  const ended = (rejected: boolean): void => timer(phase, rejected, since(begun));
  let answer: Promise<void> | void;
  try {
    answer = plugin[phase]!(attributes);
  } catch (error) {
    ended(true);
    throw error;
  }
  if (!answer) return ended(false);
  return answer.then(
    () => ended(false),
    (error: unknown) => {
      ended(true);
      throw error;
    },
  );
}

type Concerned = (definition: ResourceDefinition, subresource: string, operation: Operation) => readonly Step[];

/** Most plugins look at one kind: who looks at which is remembered, so that the others cost a request nothing. */
function concernedPlugins(
  plugins: readonly AdmissionPlugin[],
  timerOf: (plugin: string, operation: Operation) => Timer,
): Concerned {
  const known = new WeakMap<ResourceDefinition, Map<string, readonly Step[]>>();
  return (definition, subresource, operation) => {
    let paths = known.get(definition);
    if (!paths) known.set(definition, (paths = new Map()));
    const key = `${operation} ${subresource}`;
    let steps = paths.get(key);
    if (!steps) {
      steps = plugins
        .filter(
          ({ operations, concerns }) => operations.includes(operation) && (concerns?.(definition, subresource) ?? true),
        )
        .map((plugin) => ({ plugin, timer: timerOf(plugin.name, operation) }));
      paths.set(key, steps);
    }
    return steps;
  };
}

function createTimers(metrics: Metrics | undefined) {
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
  return {
    ofPlugin(name: string, operation: Operation): Timer {
      const passed: Partial<Record<Phase, (seconds: number) => void>> = {};
      return (type, rejected, seconds) => {
        if (!controller) return;
        if (rejected) return controller.observe(seconds, { name, type, operation, rejected: 'true' });
        (passed[type] ??= controller.with({ name, type, operation, rejected: 'false' }))(seconds);
      };
    },
    ofStep(type: Phase, operation: Operation, rejected: boolean, seconds: number): void {
      step?.observe(seconds, { type, operation, rejected: String(rejected) });
    },
  };
}
