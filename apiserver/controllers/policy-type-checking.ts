/** Writes into the status of ValidatingAdmissionPolicies what type checking finds. Upstream: `validatingadmissionpolicy-status-controller`. */
import { validatingAdmissionPolicies } from '../../api/admissionregistration/v1/validatingadmissionpolicy';
import type { ValidatingAdmissionPolicy } from '../../api/admissionregistration/v1/types';
import { cloneJson } from '../../api/meta/json';
import { isConflict, isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { typeCheck } from '../admission/policy/type-check';
import type { ResourceTable } from '../endpoints/served-resource';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { settle } from './settle';

export function policyTypeChecking(loopback: Loopback, table: ResourceTable): ApiServerController {
  const view = loopback.view(validatingAdmissionPolicies);

  const check = async (policy: Stored<ValidatingAdmissionPolicy>): Promise<void> => {
    const { name, generation, resourceVersion } = policy.metadata;
    const warnings = typeCheck(policy, table);
    const status = {
      ...policy.status,
      observedGeneration: generation,
      typeChecking: warnings.length ? { expressionWarnings: warnings } : {},
    };
    const store = loopback.stores.of(validatingAdmissionPolicies);
    await store.update(
      loopback.context,
      '',
      name,
      (current) => {
        const desired = cloneJson(current ?? policy);
        return { ...desired, metadata: { ...desired.metadata, resourceVersion }, status };
      },
      { subresource: 'status' },
    );
  };

  const checkAll = async (): Promise<void> => {
    for (const policy of view.list()) {
      if (policy.status?.observedGeneration === policy.metadata.generation) continue;
      // Another server may have been faster.
      await check(policy).catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      });
    }
  };
  const schedule = settle(loopback, checkAll, 'cannot check the types of admission policies');

  return {
    name: 'validatingadmissionpolicy-status',
    async start(signal) {
      await view.waitForSync(signal);
      view.addHandler({ add: schedule, update: schedule });
    },
  };
}
