/** The bounds of CEL's numbers and times, and what walking over text costs. */
import type { Meter } from '../budget';
import { Failure } from '../errors';
import { CelDuration, CelTimestamp, CelUint } from '../values';
import { durationInRange, inRange } from './time';

const overflow = (): Failure => new Failure('return error for overflow');

export const checkInt = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) !== value) throw overflow();
  return value;
};
export const checkUint = (value: bigint): CelUint => {
  if (BigInt.asUintN(64, value) !== value) throw overflow();
  return new CelUint(value);
};
export const timestampOf = (nanos: bigint): CelTimestamp => {
  const result = inRange(nanos);
  if (!result) throw new Failure('timestamp overflow');
  return result;
};
export const durationOf = (nanos: bigint): CelDuration => {
  const result = durationInRange(nanos);
  if (!result) throw new Failure('duration overflow');
  return result;
};
/** A tenth of a step for each character. */
export const traverse = (meter: Meter, length: number): void => {
  if (length > 0) meter.spend(Math.ceil(length / 10));
};
