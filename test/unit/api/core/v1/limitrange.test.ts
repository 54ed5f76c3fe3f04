import { limitRanges } from '../../../../../api/core/v1/limitrange';
import { created, createErrors } from '../../../../support/kinds';

const make = (...limits: object[]) => ({ spec: { limits } });
const container = (lists: object) => make({ type: 'Container', ...lists });
const item = 'spec.limits[0]';

it('completes the defaults of containers alone', () => {
  const lists = { max: { cpu: '2000m', memory: '1Gi' }, min: { cpu: '100m', storage: '1' }, default: { cpu: '1' } };
  expect(created(limitRanges, container(lists)).spec?.limits).toEqual([
    {
      type: 'Container',
      max: { cpu: '2', memory: '1Gi' },
      min: { cpu: '100m', storage: '1' },
      default: { cpu: '1', memory: '1Gi' },
      defaultRequest: { cpu: '1', memory: '1Gi', storage: '1' },
    },
  ]);
  expect(created(limitRanges, make({ type: 'Pod', max: { cpu: '1' } })).spec?.limits).toEqual([
    { type: 'Pod', max: { cpu: '1' } },
  ]);
});

it.each<[string, object, string[]]>([
  ['nothing wrong', container({ max: { cpu: '2' }, min: { cpu: '1' } }), []],
  ['an own type', make({ type: 'example.com/thing', max: { cpu: '1' } }), []],
  [
    'an unknown type',
    make({ type: 'Thing' }),
    [`${item}.type: Invalid value: "Thing": must be a standard limit type or fully qualified`],
  ],
  ['a type twice', make({ type: 'Pod' }, { type: 'Pod' }), ['spec.limits[1].type: Duplicate value: "Pod"']],
  [
    'defaults of pods',
    make({ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }),
    [
      `${item}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
      `${item}.defaultRequest: Forbidden: may not be specified when \`type\` is 'Pod'`,
    ],
  ],
  [
    'claims without a size',
    make({ type: 'PersistentVolumeClaim', max: { 'requests.storage': '1' } }),
    [`${item}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
  ],
  [
    'resources that containers have not',
    container({ max: { pods: '1' } }),
    ['max', 'default', 'defaultRequest'].map(
      (list) => `${item}.${list}[pods]: Invalid value: "pods": must be a standard resource for containers`,
    ),
  ],
  [
    'a minimum above everything',
    container({ min: { cpu: '3' }, max: { cpu: '2' }, defaultRequest: { cpu: '1' }, default: { cpu: '1' } }),
    [
      `${item}.min[cpu]: Invalid value: "3": min value 3 is greater than max value 2`,
      `${item}.defaultRequest[cpu]: Invalid value: "1": min value 3 is greater than default request value 1`,
      `${item}.default[cpu]: Invalid value: "3": min value 3 is greater than default value 1`,
    ],
  ],
  [
    'defaults above the maximum',
    container({ max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '3' } }),
    [
      `${item}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1`,
      `${item}.defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2`,
      `${item}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`,
    ],
  ],
  [
    'a ratio below one',
    make({ type: 'Pod', maxLimitRequestRatio: { cpu: '500m' } }),
    [`${item}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1`],
  ],
  [
    'a ratio that cannot be reached',
    make({ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3' } }),
    [`${item}.maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000`],
  ],
  [
    'huge pages that are not what is asked for',
    container({ default: { 'hugepages-2Mi': '4Mi' }, defaultRequest: { 'hugepages-2Mi': '2Mi' } }),
    [
      `${item}.defaultRequest[hugepages-2Mi]: Invalid value: "2Mi": default value 4Mi must equal to defaultRequest value 2Mi in hugepages-2Mi`,
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(limitRanges, object)).toEqual(expected);
});
