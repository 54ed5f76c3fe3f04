import { checkObject } from '../../../../api/schema/walk';

const deploymentName = 'io.k8s.api.apps.v1.Deployment';
const podName = 'io.k8s.api.core.v1.Pod';
const typeError = (schema: string, value: unknown): string | undefined => checkObject(schema, value).typeErrors[0];
const canonical = <T>(schema: string, value: T): T => {
  expect(checkObject(schema, value)).toEqual({ typeErrors: [], unknownFields: [] });
  return value;
};

describe('checkObject: type errors', () => {
  it.each([
    [
      { spec: { replicas: 'three' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 3000000000 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [{ spec: [] }, 'json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec'],
    [
      { metadata: { labels: { app: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { metadata: { labels: 'x' } },
      'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      { spec: { template: { spec: { containers: { name: 'a' } } } } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
    ],
    [
      { spec: { template: { spec: { containers: [{ name: 'a' }, { name: true }] } } } },
      'json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.name of type string',
    ],
    [
      { metadata: { creationTimestamp: 'soon' } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
    [
      { spec: { strategy: { rollingUpdate: { maxSurge: true } } } },
      'json: cannot unmarshal bool into Go value of type int32',
    ],
  ])('%j', (value, message) => {
    expect(typeError(deploymentName, value)).toBe(message);
  });

  it('refuses other than objects at the top', () => {
    expect(typeError(podName, [])).toBe('json: cannot unmarshal array into Go value of type v1.Pod');
  });

  it('refuses bad quantities and base64 in the words of their types', () => {
    const pod = (cpu: unknown): unknown => ({ spec: { containers: [{ resources: { limits: { cpu } } }] } });
    const pattern = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    expect(typeError(podName, pod('lots'))).toBe(pattern);
    expect(typeError(podName, pod({}))).toBe(pattern);
    expect(typeError('io.k8s.api.core.v1.Secret', { data: { a: 'not base64' } })).toBe(
      'illegal base64 data at input byte 3',
    );
  });
});

describe('checkObject: unknown fields', () => {
  it('names and prunes them', () => {
    const pod = JSON.parse(
      '{"spec":{"foo":1,"containers":[{"name":"a","imagee":"x","__proto__":{"a":1},"constructor":1}]},"Kind":"Pod"}',
    ) as object;
    expect(checkObject(podName, pod)).toEqual({
      typeErrors: [],
      unknownFields: [
        'spec.foo',
        'spec.containers[0].imagee',
        'spec.containers[0].__proto__',
        'spec.containers[0].constructor',
        'Kind',
      ],
    });
    expect(pod).toEqual({ spec: { containers: [{ name: 'a' }] } });
  });

  it('keeps map keys and free-form values', () => {
    const meta = { labels: { constructor: 'x' }, managedFields: [{ fieldsV1: { 'f:spec': { '.': {} } } }] };
    expect(canonical(podName, { metadata: meta })).toEqual({ metadata: meta });
  });

  it('refuses __proto__ as a map key', () => {
    const pod = JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}') as object;
    expect(typeError(podName, pod)).toBe('json: the key "__proto__" is not allowed');
  });
});

describe('checkObject: canonical forms', () => {
  it('writes quantities and times as they are stored', () => {
    const pod = canonical(podName, {
      metadata: { creationTimestamp: '2026-01-02T03:04:05.678+01:00', deletionTimestamp: null },
      spec: {
        containers: [{ name: 'a', resources: { limits: { cpu: 0.5, memory: '1024Mi' } }, args: [null] }, null],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '1000m' } }],
        nodeSelector: { a: null },
      },
    });
    expect(pod).toEqual({
      metadata: { creationTimestamp: '2026-01-02T02:04:05Z' },
      spec: {
        containers: [{ name: 'a', resources: { limits: { cpu: '500m', memory: '1Gi' } }, args: [''] }, {}],
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '1' } }],
        nodeSelector: { a: '' },
      },
    });
    expect(canonical('io.k8s.api.coordination.v1.Lease', { spec: { renewTime: '2026-01-02T03:04:05.1Z' } })).toEqual({
      spec: { renewTime: '2026-01-02T03:04:05.100000Z' },
    });
  });

  it('refuses a schema that is not there', () => {
    expect(() => checkObject('io.k8s.api.core.v1.Nothing', {})).toThrow('no OpenAPI definition is named');
  });
});

describe('checkObject: schemas within schemas', () => {
  const crdName = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition';
  const withSchema = (openAPIV3Schema: unknown) => ({ spec: { versions: [{ schema: { openAPIV3Schema } }] } });

  it('prunes items and additionalProperties without a word', () => {
    const crd = withSchema({ items: { type: 'string', foo: 1 }, additionalProperties: { bar: 1, items: 5 } });
    expect(checkObject(crdName, crd)).toEqual({ typeErrors: [], unknownFields: [] });
    expect(crd).toEqual(withSchema({ items: { type: 'string' }, additionalProperties: {} }));
  });

  it('keeps booleans, lists of schemas and lists of names', () => {
    const schema = {
      items: [{ type: 'a' }],
      additionalProperties: false,
      dependencies: { a: ['b'], c: { type: 'd' } },
    };
    expect(canonical(crdName, withSchema(structuredClone(schema)))).toEqual(withSchema(schema));
  });

  it('finds wrong types in them', () => {
    expect(typeError(crdName, withSchema({ additionalProperties: 'x' }))).toBe('boolean or JSON schema expected');
    expect(typeError(crdName, withSchema({ items: { type: 5 } }))).toBe(
      'json: cannot unmarshal number into Go struct field JSONSchemaProps.type of type string',
    );
  });
});
