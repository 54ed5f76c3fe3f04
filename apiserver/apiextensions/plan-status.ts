/**
 * The status a CustomResourceDefinition should have: its names, and the conditions that follow from names and annotations. Pure.
 * Upstream splits this among the naming, establishing and API approval controllers of apiextensions-apiserver.
 */
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { approvalOf, isCommunityGroup } from '../../api/apiextensions/v1/customresourcedefinition/validation/approval';
import { findCondition, setCondition } from '../../api/meta/conditions';
import { cloneJson, deepEqual } from '../../api/meta/json';
import type { Stored } from '../../api/meta/types';
import { decideNames } from './names';

type Condition = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

/** Undefined when it is as it should be. `others`: the definitions of the same group. */
export function planStatus(
  crd: Stored<CustomResourceDefinition>,
  others: readonly Stored<CustomResourceDefinition>[],
  nowText: string,
): CustomResourceDefinition['status'] | undefined {
  const { acceptedNames, namesAccepted } = decideNames(crd, others);
  const conditions = cloneJson(crd.status?.conditions ?? []);
  const wanted = [namesAccepted, established(crd, namesAccepted), approval(crd)];
  for (const condition of wanted) if (condition) setCondition(conditions, condition, nowText);
  const status = { ...crd.status, acceptedNames, conditions };
  return deepEqual(status, crd.status) ? undefined : status;
}

/** Once established, a definition stays so, whatever becomes of its names. */
function established(crd: CustomResourceDefinition, namesAccepted: Condition): Condition | undefined {
  const current = findCondition(crd.status?.conditions, 'Established');
  if (current?.status === 'True') return undefined;
  if (namesAccepted.status === 'True') {
    return {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    };
  }
  return current
    ? undefined
    : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

const approvalReasons = {
  Approved: 'ApprovedAnnotation',
  Bypassed: 'UnapprovedAnnotation',
  Invalid: 'InvalidAnnotation',
  Missing: 'MissingAnnotation',
} as const;

function approval(crd: CustomResourceDefinition): Condition | undefined {
  if (!isCommunityGroup(crd.spec.group)) return undefined;
  const { state, message } = approvalOf(crd);
  const status = state === 'Approved' ? 'True' : 'False';
  return { type: 'KubernetesAPIApprovalPolicyConformant', status, reason: approvalReasons[state], message };
}
