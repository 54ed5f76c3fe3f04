/** Keeps a namespace within its quotas. Upstream: apiserver `pkg/admission/plugin/resourcequota`. */
import { quotaEvaluatorOf } from '../../../api/core/v1/resourcequota/usage';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { Loopback } from '../../registry/loopback';
import type { AdmissionPlugin } from '../admission';
import { refuse } from '../refusal';
import { QuotaAccountant } from './accountant';
import { QuotaRefusal } from './charge';

const evaluatorOf = ({ group, names }: ResourceDefinition) => quotaEvaluatorOf({ group, resource: names.plural });

export function resourceQuota(loopback: Loopback): AdmissionPlugin {
  const accountant = new QuotaAccountant(loopback);
  return {
    name: 'ResourceQuota',
    operations: ['CREATE', 'UPDATE'],
    concerns(definition, subresource) {
      const resizes = definition.names.plural === 'pods' && subresource === 'resize';
      return definition.namespaced && (!subresource || resizes) && evaluatorOf(definition) !== undefined;
    },
    async validate(attributes) {
      const { definition, subresource, namespace, object, oldObject, context } = attributes;
      const operation = attributes.operation === 'UPDATE' ? 'UPDATE' : 'CREATE';
      const evaluator = evaluatorOf(definition)!;
      const charge = { evaluator, operation, subresource, object, ...(oldObject && { oldObject }) } as const;
      if (!evaluator.handles(charge)) return;
      try {
        await accountant.charge(namespace, charge, context.dryRun);
      } catch (error) {
        throw error instanceof QuotaRefusal ? refuse(attributes, error.message) : error;
      }
    },
  };
}
