import { decodeObject, type ExpectedKind } from '../../../../apiserver/endpoints/decode';
import type { FieldValidation } from '../../../../apiserver/endpoints/options';
import { createResourceTable } from '../../../../apiserver/endpoints/served-resource';
import { resources } from '../../../../api/resources';

const table = createResourceTable(resources);
const deployment = table.find('apps', 'v1', 'deployments')!;

function decode(
  body: unknown,
  options: { expected?: ExpectedKind; fieldValidation?: FieldValidation; anyVersion?: boolean } = {},
) {
  const warnings: string[] = [];
  const object: any = decodeObject(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), {
    expected: deployment,
    fieldValidation: 'Warn',
    ...options,
    format: 'json',
    table,
    warn: (message) => warnings.push(message),
  });
  return { object, warnings };
}

describe('decodeObject', () => {
  it('fills in what the URL says of kind and version', () => {
    expect(decode({}).object).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment' });
  });

  it('drops unknown fields, with a warning, silently or with an error', () => {
    const body = { spec: { replicas: 1, foo: 1 } };
    expect(decode(body)).toEqual({
      object: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1 } },
      warnings: ['unknown field "spec.foo"'],
    });
    expect(decode(body, { fieldValidation: 'Ignore' })).toMatchObject({
      object: { spec: { replicas: 1 } },
      warnings: [],
    });
    expect(() => decode(body, { fieldValidation: 'Strict' })).toThrow(
      'strict decoding error: unknown field "spec.foo"',
    );
  });

  it('reports repeated fields, which JSON.parse would hide', () => {
    expect(decode('{"spec":{"replicas":1,"replicas":2}}').warnings).toEqual(['duplicate field "spec.replicas"']);
  });

  it('tells of unknown and repeated fields in the order of the body', () => {
    const body = '{"spec":{"foo":{"a":1,"a":2},"replicas":1,"replicas":2,"foo":3},"bar":1}';
    expect(decode(body).warnings).toEqual([
      'unknown field "spec.foo"',
      'duplicate field "spec.replicas"',
      'unknown field "bar"',
    ]);
  });

  it("refuses other kinds and versions in upstream's words", () => {
    expect(() => decode({ apiVersion: 'v1', kind: 'Service' })).toThrow(
      'Service in version "v1" cannot be handled as a Deployment: converting (v1.Service) to (apps.Deployment): unknown conversion',
    );
    expect(() => decode({ apiVersion: 'apps/v9', kind: 'Deployment' })).toThrow(
      'Deployment in version "v9" cannot be handled as a Deployment: no kind "Deployment" is registered for version "apps/v9"',
    );
    const events = table.find('', 'v1', 'events')!;
    expect(() => decode({ apiVersion: 'events.k8s.io/v1', kind: 'Event' }, { expected: events })).toThrow(
      'the API version in the data (events.k8s.io/v1) does not match the expected API version (v1)',
    );
  });

  it('names the type of what it was given instead of an object', () => {
    expect(() => decode('[]')).toThrow('the object provided is unrecognized (must be of type Deployment): ');
    expect(() => decode('')).toThrow('unexpected end of JSON input (<empty>)');
    expect(() => decode('{"kind":1}')).toThrow('cannot unmarshal number into Go struct field .kind of type string');
    expect(() => decode({ spec: { replicas: 'x' } })).toThrow('of type int32');
  });

  it('takes DeleteOptions of any version', () => {
    const expected = {
      group: '',
      version: 'v1',
      kind: 'DeleteOptions',
      schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    };
    const body = { apiVersion: 'apps/v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
    expect(decode(body, { expected, anyVersion: true }).object.propagationPolicy).toBe('Foreground');
  });
});
