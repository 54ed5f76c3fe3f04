/** Adds to a pod what its runtime class costs, and where it can run. Upstream: `plugin/pkg/admission/runtimeclass`. */
import type { Pod, PodSpec } from '../../api/core/v1/pod';
import { parseResources } from '../../api/core/v1/pod/resources';
import { sameAmounts } from '../../api/core/v1/resourcequota/usage';
import { type RuntimeClass, runtimeClasses } from '../../api/node/v1/runtimeclass';
import type { Loopback } from '../registry/loopback';
import type { AdmissionAttributes, AdmissionPlugin } from './admission';
import { lookUpOf } from '../registry/look-up';
import { mergeTolerations } from './merge-tolerations';
import { only, refuse } from './refusal';

export function runtimeClass(loopback: Loopback): AdmissionPlugin {
  const lookUp = lookUpOf(loopback, runtimeClasses);

  const classOf = async (attributes: AdmissionAttributes): Promise<RuntimeClass | undefined> => {
    const name = (attributes.object as Pod).spec?.runtimeClassName;
    if (name === undefined) return undefined;
    const found = await lookUp('', name);
    if (!found) throw refuse(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
    return found;
  };

  return {
    name: 'RuntimeClass',
    operations: ['CREATE'],
    concerns: only('', 'pods'),
    async admit(attributes) {
      const { spec } = attributes.object as Pod;
      const found = spec?.runtimeClassName === undefined ? undefined : await classOf(attributes);
      if (!spec || !found) return;
      const overhead = found.overhead && (found.overhead.podFixed ?? {});
      if (overhead) {
        if (spec.overhead && !sameOverhead(spec.overhead, overhead)) throw refuse(attributes, mismatch);
        spec.overhead = { ...overhead };
      }
      setScheduling(attributes, spec, found);
    },
    async validate(attributes) {
      const { overhead } = (attributes.object as Pod).spec!;
      const defined = (await classOf(attributes))?.overhead;
      if (defined) {
        if (!sameOverhead(overhead ?? {}, defined.podFixed ?? {})) throw refuse(attributes, mismatch);
      } else if (overhead) {
        throw refuse(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
      }
    },
  };
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

const sameOverhead = (one: Record<string, string>, other: Record<string, string>): boolean =>
  sameAmounts(parseResources(one), parseResources(other));

function setScheduling(attributes: AdmissionAttributes, spec: PodSpec, { scheduling }: RuntimeClass): void {
  if (!scheduling) return;
  const selector = spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const wanted = selector[key];
    if (wanted === undefined || wanted === value) continue;
    throw refuse(
      attributes,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${wanted}`,
    );
  }
  if (scheduling.nodeSelector) spec.nodeSelector = { ...selector, ...scheduling.nodeSelector };
  if (scheduling.tolerations) spec.tolerations = mergeTolerations(spec.tolerations ?? [], scheduling.tolerations);
}
