import { leases } from '../../../../../api/coordination/v1/lease';
import { createErrors } from '../../../../support/kinds';

it.each<[string, object, string[]]>([
  ['nothing wrong', { leaseDurationSeconds: 15, leaseTransitions: 0 }, []],
  [
    'no duration and negative transitions',
    { leaseDurationSeconds: 0, leaseTransitions: -1 },
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  ['a preferred holder by agreement', { strategy: 'OldestEmulationVersion', preferredHolder: 'a' }, []],
  ['an agreement of somebody', { strategy: 'example.com/mine' }, []],
  [
    'an unknown agreement',
    { strategy: 'Newest' },
    ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"'],
  ],
  [
    'a preferred holder without agreement',
    { preferredHolder: 'a' },
    ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ],
])('validates %s', (_, spec, expected) => {
  expect(createErrors(leases, { spec })).toEqual(expected);
});
