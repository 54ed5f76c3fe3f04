/** Gives pods the resources that their namespace's LimitRanges say, and keeps pods and claims within them. */
import { type LimitRange, limitRanges } from '../../../api/core/v1/limitrange';
import { type PersistentVolumeClaim, persistentVolumeClaims } from '../../../api/core/v1/persistentvolumeclaim';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { parseResources } from '../../../api/core/v1/pod/resources';
import type { Stored } from '../../../api/meta/types';
import type { Loopback } from '../../registry/loopback';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission';
import { refuse } from '../refusal';
import { maximumRequest, minimum, violationsOf } from './constraints';
import { podViolations, setDefaults } from './limit-pod';

/** Pods cannot change what they ask for except by a resize, claims can. */
const isLimited = ({ definition, subresource, operation, oldObject }: AdmissionAttributes): boolean => {
  if (definition === pods) return operation === 'CREATE' || subresource === 'resize';
  return !oldObject?.metadata.deletionTimestamp;
};

export function limitRanger(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(limitRanges);
  view.addIndex('namespace', ({ metadata }) => [metadata?.namespace ?? '']);

  /** By name, so that messages are the same each time. */
  const rangesOf = ({ namespace }: AdmissionAttributes): Stored<LimitRange>[] =>
    view.byIndex('namespace', namespace).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

  return {
    name: 'LimitRanger',
    operations: ['CREATE', 'UPDATE'],
    concerns: (definition, subresource) =>
      (definition === pods && (!subresource || subresource === 'resize')) ||
      (definition === persistentVolumeClaims && !subresource),
    admit(attributes) {
      if (attributes.definition !== pods || attributes.subresource || !isLimited(attributes)) return;
      const pod = attributes.object as Pod;
      if (pod.spec) for (const range of rangesOf(attributes)) setDefaults(range, pod);
    },
    validate(attributes) {
      if (!isLimited(attributes)) return;
      const { definition, object } = attributes;
      for (const range of rangesOf(attributes)) {
        const violations =
          definition === pods
            ? podViolations(range, object as Pod)
            : claimViolations(range, object as PersistentVolumeClaim);
        if (violations.length) throw refuse(attributes, aggregate(violations));
      }
    },
  };
}

/** Several messages stand in brackets, each once, as Go's aggregates print. */
const aggregate = (messages: readonly string[]): string => {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
};

export function claimViolations({ spec }: LimitRange, claim: PersistentVolumeClaim): string[] {
  const demand = { requests: parseResources(claim.spec?.resources?.requests), limits: {} };
  return (spec?.limits ?? [])
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...violationsOf(minimum, type, min, demand),
      ...violationsOf(maximumRequest, type, max, demand),
    ]);
}
