/** Checks of a PriorityLevelConfiguration. Upstream: `pkg/apis/flowcontrol/validation`. */
import { at } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { mandatoryPriorityLevels } from './bootstrap';
import { validateConditionTypes } from './condition-types';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from './types';

const maxQueues = 10_000_000;
/** Of the hash that deals a flow's hand of queues. */
const maxHashBits = 60;

export function validatePriorityLevel({ metadata, spec, status }: PriorityLevelConfiguration): FieldError[] {
  const name = metadata?.name ?? '';
  const path = at('spec');
  const errors = validateSpec(name, spec, path);
  const mandatory = mandatoryPriorityLevels.find((level) => level.metadata?.name === name);
  if (mandatory && !deepEqual(fixedPart(spec), fixedPart(mandatory.spec))) {
    errors.push(invalid(path, spec, `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateConditionTypes(status?.conditions)];
}

/** Shares and lending of the exempt level are for the administrator to set. */
const fixedPart = (spec: PriorityLevelConfigurationSpec | undefined): unknown =>
  spec?.type === 'Exempt' ? { ...spec, exempt: undefined } : spec;

function validateSpec(name: string, spec: PriorityLevelConfigurationSpec | undefined, path: FieldPath): FieldError[] {
  const { type, limited, exempt } = spec ?? {};
  const errors: FieldError[] = [];
  if ((name === 'exempt') !== (type === 'Exempt')) {
    errors.push(invalid(path.child('type'), type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited) errors.push(forbidden(path.child('limited'), 'must be nil if the type is not Limited'));
    if (exempt) errors.push(...validateShares(exempt, path.child('exempt')));
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbidden(path.child('exempt'), 'must be nil if the type is Limited'));
    if (limited) errors.push(...validateLimited(limited, path.child('limited')));
    else errors.push(required(path.child('limited'), 'must not be empty when type is Limited'));
  } else errors.push(notSupported(path.child('type'), type, ['Exempt', 'Limited']));
  return errors;
}

type Shares = LimitedPriorityLevelConfiguration | ExemptPriorityLevelConfiguration;

function validateShares({ nominalConcurrencyShares = 0, lendablePercent = 0 }: Shares, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (nominalConcurrencyShares < 0) {
    const detail = 'must be a non-negative integer';
    errors.push(invalid(path.child('nominalConcurrencyShares'), nominalConcurrencyShares, detail));
  }
  if (lendablePercent < 0 || lendablePercent > 100) {
    const detail = 'must be between 0 and 100, inclusive';
    errors.push(invalid(path.child('lendablePercent'), lendablePercent, detail));
  }
  return errors;
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: FieldPath): FieldError[] {
  const { limitResponse, borrowingLimitPercent } = limited;
  const errors = [
    ...validateShares(limited, path),
    ...validateLimitResponse(limitResponse, path.child('limitResponse')),
  ];
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) {
    const detail = 'if specified, must be a non-negative integer';
    errors.push(invalid(path.child('borrowingLimitPercent'), borrowingLimitPercent, detail));
  }
  return errors;
}

function validateLimitResponse(response: LimitResponse | undefined, path: FieldPath): FieldError[] {
  const queuing = response?.queuing;
  const queuingPath = path.child('queuing');
  if (response?.type === 'Reject') {
    const detail = 'must be nil if limited.limitResponse.type is not Limited';
    return queuing ? [forbidden(queuingPath, detail)] : [];
  }
  if (response?.type === 'Queue') {
    if (queuing) return validateQueuing(queuing, queuingPath);
    return [required(queuingPath, 'must not be empty if limited.limitResponse.type is Limited')];
  }
  return [notSupported(path.child('type'), response?.type ?? '', ['Queue', 'Reject'])];
}

function validateQueuing(queuing: QueuingConfiguration, path: FieldPath): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors: FieldError[] = [];
  const refuse = (field: keyof QueuingConfiguration, detail: string) =>
    errors.push(invalid(path.child(field), queuing[field], detail));
  if (queueLengthLimit <= 0) refuse('queueLengthLimit', 'must be positive');
  if (queues <= 0) refuse('queues', 'must be positive');
  else if (queues > maxQueues) refuse('queues', `must not be greater than ${maxQueues}`);
  const bits = requiredEntropyBits(queues, handSize);
  if (handSize <= 0) refuse('handSize', 'must be positive');
  else if (handSize > queues) refuse('handSize', `should not be greater than queues (${queues})`);
  else if (bits > maxHashBits) {
    const deck = `required entropy bits of deckSize ${queues} and handSize ${handSize}`;
    refuse('handSize', `${deck} should not be greater than ${maxHashBits}`);
  }
  return errors;
}

/** Bits of hash that dealing a hand of `handSize` out of `deckSize` uses up. Upstream: `shufflesharding.RequiredEntropyBits`. */
export const requiredEntropyBits = (deckSize: number, handSize: number): number =>
  Math.ceil(Math.log2(deckSize) * handSize);

export const validatePriorityLevelStatus = ({ status }: PriorityLevelConfiguration): FieldError[] =>
  validateConditionTypes(status?.conditions);
