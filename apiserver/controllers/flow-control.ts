/**
 * Keeps the FlowSchemas and PriorityLevelConfigurations that every cluster has, says which schemas lead nowhere, and tells the
 * limiter of all of them. Upstream: `registry/flowcontrol/rest` and `util/flowcontrol/apf_controller.go`.
 */
import {
  type FlowSchema,
  type FlowSchemaCondition,
  type PriorityLevelConfiguration,
} from '../../api/flowcontrol/v1/types';
import { flowSchemas } from '../../api/flowcontrol/v1/flowschema';
import { priorityLevelConfigurations } from '../../api/flowcontrol/v1/prioritylevelconfiguration';
import { cloneJson } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isConflict, isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from '../flow-control/bootstrap';
import type { FairLimiter } from '../flow-control/priority-and-fairness';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';
import { settle } from './settle';

const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';
const checkMs = 60_000;

type Configuration = FlowSchema | PriorityLevelConfiguration;

/** What an object that is there becomes: mandatory ones are set right, suggested ones while nobody has taken them over. */
function mend<T extends Configuration>(current: T, wanted: T, mandatory: boolean): void {
  const annotations = current.metadata?.annotations ?? {};
  if (!mandatory && annotations[autoUpdate] !== 'true') return;
  current.spec = cloneJson(wanted.spec);
  current.metadata = { ...current.metadata, annotations: { ...annotations, [autoUpdate]: 'true' } };
}

/** The condition a schema must have; undefined when it has it. Pure. */
export function planDangling(
  { spec, status }: FlowSchema,
  levels: ReadonlySet<string>,
  nowMs: number,
): FlowSchemaCondition | undefined {
  const level = spec?.priorityLevelConfiguration.name ?? '';
  const dangling = !levels.has(level);
  const found = status?.conditions?.find(({ type }) => type === 'Dangling');
  const wanted = {
    type: 'Dangling',
    status: dangling ? 'True' : 'False',
    reason: dangling ? 'NotFound' : 'Found',
    message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${dangling ? 'but there is no such object' : 'and it exists'}`,
  };
  if (found?.status === wanted.status && found.message === wanted.message) return undefined;
  const since = found?.status === wanted.status ? found.lastTransitionTime : undefined;
  return { ...wanted, lastTransitionTime: since ?? formatTime(nowMs) };
}

export function flowControl(loopback: Loopback, limiter: FairLimiter): ApiServerController {
  const schemas = loopback.view(flowSchemas);
  const levels = loopback.view(priorityLevelConfigurations);

  const ensureAll = async <T extends Configuration>(
    definition: ResourceDefinition<T>,
    wanted: readonly T[],
    mandatory: boolean,
  ): Promise<void> => {
    for (const object of wanted) {
      const made = { ...object, metadata: { ...object.metadata, annotations: { [autoUpdate]: 'true' } } };
      await ensure(loopback, definition, made, (current) => mend(current, object, mandatory));
    }
  };
  const writeStatus = async (schema: Stored<FlowSchema>): Promise<void> => {
    const names = new Set(levels.list().map(({ metadata }) => metadata.name));
    if (!planDangling(schema, names, loopback.clock.now())) return;
    try {
      await loopback.stores.of(flowSchemas).update(
        loopback.context,
        '',
        schema.metadata.name,
        (current) => {
          const next = cloneJson(current ?? schema);
          const condition = planDangling(next, names, loopback.clock.now());
          const others = (next.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
          if (condition) next.status = { ...next.status, conditions: [...others, condition] };
          return next;
        },
        { subresource: 'status' },
      );
    } catch (error) {
      // Another server was first, or the schema is gone: the view's next event brings us back.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  };
  const follow = async (): Promise<void> => {
    limiter.configure(schemas.list(), levels.list());
    for (const schema of schemas.list()) await writeStatus(schema);
  };
  const schedule = settle(loopback, follow, 'could not tell the state of flow schemas');
  const bootstrap = async (): Promise<void> => {
    await ensureAll(priorityLevelConfigurations, mandatoryLevels, true);
    await ensureAll(flowSchemas, mandatorySchemas, true);
    await ensureAll(priorityLevelConfigurations, suggestedLevels, false);
    await ensureAll(flowSchemas, suggestedSchemas, false);
  };

  return {
    name: 'priority-and-fairness-config-producer',
    everyMs: checkMs,
    async start(signal) {
      await Promise.all([schemas.waitForSync(signal), levels.waitForSync(signal)]);
      await bootstrap();
      for (const view of [schemas, levels]) view.addHandler({ add: schedule, update: schedule, delete: schedule });
    },
    again: bootstrap,
  };
}
