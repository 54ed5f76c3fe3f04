/** Resolves a pod's priority class, and keeps one default class at most. Upstream: `plugin/pkg/admission/priority`. */
import { type Pod, pods } from '../../api/core/v1/pod';
import { type PriorityClass, priorityClasses } from '../../api/scheduling/v1/priorityclass';
import type { Loopback } from '../registry/loopback';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { lookUpOf } from '../registry/look-up';
import { isFor, refuse } from './refusal';

export function priority(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(priorityClasses);
  const find = lookUpOf(loopback, priorityClasses);

  /** The lowest of several default classes, which can exist for a moment. */
  const defaultClass = (): PriorityClass | undefined =>
    view
      .list()
      .filter((candidate) => candidate.globalDefault)
      .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];

  const admitPod = async (attributes: AdmissionAttributes, pod: Pod): Promise<void> => {
    const { spec } = pod;
    if (!spec) return;
    if (attributes.operation === 'UPDATE') {
      const old = attributes.oldObject as Pod | undefined;
      spec.priority ??= old?.spec?.priority;
      spec.preemptionPolicy ??= old?.spec?.preemptionPolicy;
      return;
    }
    let chosen: PriorityClass | undefined;
    if (spec.priorityClassName) {
      chosen = await find('', spec.priorityClassName);
      if (!chosen) throw refuse(attributes, `no PriorityClass with name ${spec.priorityClassName} was found`);
    } else {
      chosen = defaultClass();
      if (chosen) spec.priorityClassName = chosen.metadata?.name;
    }
    const value = chosen?.value ?? 0;
    const policy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refuse(
        attributes,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw refuse(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    }
    spec.preemptionPolicy = policy;
  };

  return {
    name: 'Priority',
    operations: ['CREATE', 'UPDATE'],
    concerns: (definition, subresource) => !subresource && [pods, priorityClasses].includes(definition),
    async admit(attributes) {
      if (isFor(attributes, '', 'pods')) await admitPod(attributes, attributes.object as Pod);
    },
    validate(attributes) {
      if (!isFor(attributes, 'scheduling.k8s.io', 'priorityclasses')) return;
      const given = attributes.object as PriorityClass;
      if (!given.globalDefault) return;
      const current = defaultClass();
      if (current && current.metadata?.name !== given.metadata?.name) {
        throw refuse(
          attributes,
          `PriorityClass ${current.metadata?.name} is already marked as default. Only one default can exist`,
        );
      }
    },
  };
}
