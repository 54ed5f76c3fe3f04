import { formatFieldError } from '../../../../../api/meta/field-error';
import { runtimeClasses, type RuntimeClass } from '../../../../../api/node/v1/runtimeclass';

const errorsOf = (object: RuntimeClass): string[] =>
  runtimeClasses.validate!(object).map((error) => formatFieldError(error));

it('checks the handler, the overhead and where pods go', () => {
  const toleration = { key: 'a', operator: 'Exists' };
  expect(
    errorsOf({
      handler: 'A',
      overhead: { podFixed: { cpu: '-1' } },
      scheduling: { nodeSelector: { 'a b': 'c' }, tolerations: [toleration, toleration] },
    }),
  ).toEqual([
    expect.stringMatching(/^handler: Invalid value: "A": a lowercase RFC 1123 label/),
    'overhead.podFixed.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    expect.stringMatching(/^scheduling.nodeSelector: Invalid value: "a b": name part must consist/),
    'scheduling.tolerations.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}',
  ]);
});

it('keeps its handler, and writes the overhead as it is stored', () => {
  const object: RuntimeClass = { handler: 'a', overhead: { podFixed: { cpu: '0.5' } } };
  runtimeClasses.defaults!(object);
  expect(object.overhead).toEqual({ podFixed: { cpu: '500m' } });
  const errors = runtimeClasses.validateUpdate!({ ...object, handler: 'b' }, object);
  expect(errors.map((error) => formatFieldError(error))).toEqual(['handler: Invalid value: "b": field is immutable']);
});
