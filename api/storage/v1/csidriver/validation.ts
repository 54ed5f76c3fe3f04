/** Checks of a CSIDriver. Upstream: `pkg/apis/storage/validation`. */
import { at, optionalOneOf, unchanged } from '../../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, notSupported, required } from '../../../meta/field-error';
import type { CsiDriver, CsiDriverSpec } from '.';

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Ephemeral', 'Persistent'];
const shortestTokenSeconds = 600;
const longestTokenSeconds = 2 ** 32;
const shortestUpdateSeconds = 10;

export function validateDriver({ spec = {} }: CsiDriver): FieldError[] {
  const path = at('spec');
  const errors: FieldError[] = [];
  // Messages call the first one by a name of its own.
  if (spec.attachRequired === undefined) errors.push(required(path.child('attachedRequired')));
  for (const field of ['podInfoOnMount', 'storageCapacity'] as const) {
    if (spec[field] === undefined) errors.push(required(path.child(field)));
  }
  errors.push(...optionalOneOf(path.child('fsGroupPolicy'), spec.fsGroupPolicy, groupPolicies));
  errors.push(...validateTokenRequests(spec.tokenRequests ?? [], path.child('tokenRequests')));
  for (const mode of spec.volumeLifecycleModes ?? []) {
    if (lifecycleModes.includes(mode)) continue;
    errors.push(notSupported(path.child('volumeLifecycleModes'), mode, lifecycleModes));
  }
  if (spec.seLinuxMount === undefined) errors.push(required(path.child('seLinuxMount')));
  const seconds = spec.nodeAllocatableUpdatePeriodSeconds;
  if (seconds !== undefined && seconds < shortestUpdateSeconds) {
    const detail = `must be greater than or equal to ${shortestUpdateSeconds} seconds`;
    errors.push(invalid(path.child('nodeAllocatableUpdatePeriodSeconds'), seconds, detail));
  }
  const inSecrets = spec.serviceAccountTokenInSecrets;
  if (inSecrets !== undefined && !spec.tokenRequests?.length) {
    const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(invalid(path.child('serviceAccountTokenInSecrets'), inSecrets, detail));
  }
  return errors;
}

function validateTokenRequests(requests: NonNullable<CsiDriverSpec['tokenRequests']>, path: FieldPath): FieldError[] {
  const audiences = new Set<string>();
  return requests.flatMap(({ audience = '', expirationSeconds: seconds }, index) => {
    if (audiences.has(audience)) return [duplicate(path.index(index).child('audience'), audience)];
    audiences.add(audience);
    const secondsPath = path.index(index).child('expirationSeconds');
    if (seconds === undefined) return [];
    if (seconds < shortestTokenSeconds) {
      return [invalid(secondsPath, seconds, 'may not specify a duration less than 10 minutes')];
    }
    if (seconds <= longestTokenSeconds) return [];
    return [invalid(secondsPath, seconds, 'may not specify a duration larger than 2^32 seconds')];
  });
}

export const validateDriverUpdate = (driver: CsiDriver, old: CsiDriver): FieldError[] => [
  ...validateDriver(driver),
  ...unchanged(at('spec', 'attachedRequired'), driver.spec?.attachRequired, old.spec?.attachRequired),
  ...unchanged(at('spec', 'volumeLifecycleModes'), driver.spec?.volumeLifecycleModes, old.spec?.volumeLifecycleModes),
];
