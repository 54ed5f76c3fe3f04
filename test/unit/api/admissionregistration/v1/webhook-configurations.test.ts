import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from '../../../../../api/admissionregistration/v1/webhook-configurations';
import { formatFieldError } from '../../../../../api/meta/field-error';
import { loadFixture } from '../../../../support/fixtures';

const definition = mutatingWebhookConfigurations;

/** The sample with its one webhook changed. */
function errorsWith(change: Record<string, unknown>, ...more: Record<string, unknown>[]): string[] {
  const object = loadFixture(definition);
  const [sample] = object.webhooks;
  object.webhooks = [change, ...more].map((fields) => ({ ...structuredClone(sample), ...fields }));
  definition.defaults!(object);
  return definition.validate!(object).map((error) => formatFieldError(error));
}

const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const withRule = (change: Record<string, unknown>) => ({ rules: [{ ...rule, ...change }] });
const withResources = (...resources: string[]) => withRule({ resources });

describe('webhook configurations', () => {
  it('get upstream defaults', () => {
    const object = loadFixture(definition);
    object.webhooks[0].clientConfig = { service: { name: 'hook', namespace: 'default' } };
    definition.defaults!(object);
    expect(object.webhooks[0]).toMatchObject({
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
      clientConfig: { service: { port: 443 } },
      rules: [{ scope: '*' }],
    });
    const validating = loadFixture(validatingWebhookConfigurations);
    validatingWebhookConfigurations.defaults!(validating);
    expect(validating.webhooks[0]).not.toHaveProperty('reinvocationPolicy');
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['accepts the sample', {}, []],
    ['needs a name', { name: '' }, ['webhooks[0].name: Required value']],
    [
      'needs a full name',
      { name: 'hook.io' },
      ['webhooks[0].name: Invalid value: "hook.io": should be a domain with at least three segments separated by dots'],
    ],
    [
      'needs no side effects',
      { sideEffects: 'Some' },
      ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ],
    [
      'needs side effects to be told',
      { sideEffects: undefined },
      ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    ],
    [
      'limits the timeout',
      { timeoutSeconds: 31 },
      ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    ],
    [
      'knows its policies',
      { failurePolicy: 'Maybe', matchPolicy: 'Nearly', reinvocationPolicy: 'Always' },
      [
        'webhooks[0].failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
        'webhooks[0].matchPolicy: Unsupported value: "Nearly": supported values: "Equivalent", "Exact"',
        'webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
      ],
    ],
    [
      'needs a review version',
      { admissionReviewVersions: [] },
      ['webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1'],
    ],
    [
      'needs a known review version, each once',
      { admissionReviewVersions: ['v2', 'v2'] },
      [
        'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
        'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      'takes a URL or a Service',
      { clientConfig: {} },
      ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    ],
    [
      'takes https URLs without extras',
      { clientConfig: { url: 'http://me@host/path?a=b#c' } },
      [
        `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
        'webhooks[0].clientConfig.url: Invalid value: "me": user information is not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "c": fragments are not permitted in the URL',
        'webhooks[0].clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
      ],
    ],
    [
      'checks the service',
      { clientConfig: { service: { path: 'a//B', port: 70000 } } },
      [
        'webhooks[0].clientConfig.service.name: Required value: service name is required',
        'webhooks[0].clientConfig.service.namespace: Required value: service namespace is required',
        'webhooks[0].clientConfig.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
        `webhooks[0].clientConfig.service.path: Invalid value: "a//B": must start with a '/'`,
        'webhooks[0].clientConfig.service.path: Invalid value: "a//B": segment[0] may not be empty',
        'webhooks[0].clientConfig.service.path: Invalid value: "a//B": segment[1] may not be empty',
        expect.stringMatching(/segment\[2\]: a lowercase RFC 1123 subdomain/),
      ],
    ],
    [
      'needs complete rules',
      { rules: [{}] },
      ['operations', 'apiGroups', 'apiVersions', 'resources'].map((f) => `webhooks[0].rules[0].${f}: Required value`),
    ],
    [
      'takes wildcards only alone',
      withRule({ apiGroups: ['*', 'apps'], operations: ['*', 'CREATE'] }),
      [
        `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
        `webhooks[0].rules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other API groups`,
      ],
    ],
    ['takes all resources with some subresources', withResources('*', '*/scale', 'pods/log'), []],
    [
      'refuses covered subresources',
      withResources('pods/*', 'pods/log'),
      [
        `webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`,
      ],
    ],
    [
      'refuses covered resources',
      withResources('*', 'pods'),
      [
        `webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
      ],
    ],
    [
      'knows scopes and operations',
      withRule({ scope: 'All', operations: ['READ'] }),
      [
        'webhooks[0].rules[0].operations[0]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
        'webhooks[0].rules[0].scope: Unsupported value: "All": supported values: "*", "Cluster", "Namespaced"',
      ],
    ],
    [
      'checks match conditions',
      {
        matchConditions: [
          { name: 'a', expression: ' ' },
          { name: 'a', expression: 'true' },
        ],
      },
      [
        'webhooks[0].matchConditions[0].expression: Required value',
        'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsWith(change)).toEqual(errors);
  });

  it('have names of their own', () => {
    expect(errorsWith({}, {})).toEqual(['webhooks[1].name: Duplicate value: "mutate.sample.example.com"']);
  });

  it('have at most 64 match conditions', () => {
    const matchConditions = Array.from({ length: 65 }, (_, index) => ({ name: `c${index}`, expression: 'true' }));
    expect(errorsWith({ matchConditions })).toEqual([
      'webhooks[0].matchConditions: Too many: 65: must have at most 64 items',
    ]);
  });
});
