import { serviceProblem } from '../../../../apiserver/aggregation/availability';

const apiService = { spec: { service: { namespace: 'ns', name: 'ext', port: 443 } } } as never;
const service = (more: object = {}) => ({ metadata: { name: 'ext' }, spec: { ports: [{ port: 443 }], ...more } });
const slice = (ready: boolean, port = 8443) => ({
  ports: [{ port }],
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
});

it.each([
  [
    'no Service',
    undefined,
    [],
    { reason: 'ServiceNotFound', message: 'service/ext in "ns" is not present', status: 'False' },
  ],
  [
    'another port',
    service({ ports: [{ port: 80 }] }),
    [slice(true)],
    { reason: 'ServicePortError', message: 'service/ext in "ns" is not listening on port 443', status: 'False' },
  ],
  [
    'no slices',
    service(),
    [],
    { reason: 'EndpointsNotFound', message: 'cannot find endpoints for service/ext in "ns"', status: 'False' },
  ],
  [
    'nobody ready',
    service(),
    [slice(false)],
    {
      reason: 'MissingEndpoints',
      message: 'endpoints for service/ext in "ns" have no addresses with port name ""',
      status: 'False',
    },
  ],
  ['a ready endpoint', service(), [slice(true)], undefined],
  ['an external name', service({ type: 'ExternalName', ports: undefined }), [], undefined],
])('judges a Service: %s', (_case, given, slices, expected) => {
  expect(serviceProblem(apiService, given as never, slices as never)).toEqual(expected);
});
