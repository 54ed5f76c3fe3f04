import { apiServices } from '../../../../../api/apiregistration/v1/apiservice';
import { formatFieldError } from '../../../../../api/meta/field-error';
import { loadFixture } from '../../../../support/fixtures';

function errorsWith(change: Record<string, unknown>, name = 'v1.sample.example.com'): string[] {
  const object = loadFixture(apiServices);
  object.metadata.name = name;
  object.spec = { ...object.spec, ...change };
  apiServices.defaults!(object);
  return apiServices.validate!(object).map((error) => formatFieldError(error));
}

describe('APIService', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['accepts the sample', {}, []],
    ['accepts a service', { service: { name: 'a', namespace: 'b' }, caBundle: 'YQ==' }, []],
    [
      'is named by its version and group',
      { version: 'v2' },
      [
        'metadata.name: Invalid value: "v1.sample.example.com": must be `spec.version+"."+spec.group`: "v2.sample.example.com"',
      ],
    ],
    [
      'has priorities',
      { groupPriorityMinimum: 20001, versionPriority: 0 },
      [
        'spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000',
        'spec.versionPriority: Invalid value: 0: must be positive and less than 1000',
      ],
    ],
    [
      'takes no certificate for what is local',
      { caBundle: 'YWJj', insecureSkipTLSVerify: true },
      [
        'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
        'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
      ],
    ],
    [
      'needs the whole service, and a certificate or none',
      { service: {}, caBundle: 'YQ==', insecureSkipTLSVerify: true },
      [
        'spec.service.namespace: Required value',
        'spec.service.name: Required value',
        'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsWith(change)).toEqual(errors);
  });

  it('is available at once when it is local', () => {
    const object = loadFixture(apiServices);
    apiServices.prepareForCreate!(object);
    expect(apiServices.columns!.slice(1, 3).map((column) => column.value(object, 0))).toEqual(['Local', 'True']);
    object.spec.service = { name: 'a', namespace: 'b' };
    object.status.conditions[0] = { type: 'Available', status: 'False', reason: 'MissingEndpoints' };
    expect(apiServices.columns!.slice(1, 3).map((column) => column.value(object, 0))).toEqual([
      'b/a',
      'False (MissingEndpoints)',
    ]);
  });
});
