import { converterError, formatGoValue, newWrongTypePatch } from '../../../../apiserver/patch/patch-type-errors';

describe('a patch with a value of the wrong type', () => {
  it('is told as an invalid object without name', () => {
    expect(newWrongTypePatch('map[a:x]', 'unrecognized type: int32').status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: ' "" is invalid: patch: Invalid value: "map[a:x]": unrecognized type: int32',
      details: {
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: "map[a:x]": unrecognized type: int32',
            field: 'patch',
          },
        ],
      },
    });
  });

  it.each([
    ['string', 'int32', 'unrecognized type: int32'],
    ['bool', 'string', 'unrecognized type: string'],
    ['number', 'string', 'cannot convert int64 to string'],
    ['object', '[]v1.Container', 'cannot restore slice from map'],
    ['string', 'map[string]string', 'cannot restore map from string'],
    ['string', 'v1.PodSpec', 'cannot restore struct from: string'],
  ])('says how a %s cannot become %s', (found, wanted, words) => {
    expect(converterError(`json: cannot unmarshal ${found} into Go struct field X.spec.y of type ${wanted}`)).toBe(
      words,
    );
  });

  it('prints the patch as Go prints a map', () => {
    expect(formatGoValue({ spec: { replicas: 'x', a: [1, null, { b: true }] } })).toBe(
      'map[spec:map[a:[1 <nil> map[b:true]] replicas:x]]',
    );
  });
});
