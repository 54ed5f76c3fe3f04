import {
  conversionReview,
  readConversionReview,
} from '../../../../../apiserver/apiextensions/conversion/conversion-review';

const object = (version: string, metadata: object = {}) => ({
  apiVersion: `example.com/${version}`,
  kind: 'Foo',
  metadata: { name: 'a', uid: 'u', labels: { was: 'here' }, generation: 3, ...metadata },
});
const sent = conversionReview(['v2', 'v1'], 'id', 'example.com/v2', [object('v1')]);
const answer = (response: object, review: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  response: { uid: 'id', result: { status: 'Success' }, convertedObjects: [object('v2')], ...response },
  ...review,
});

describe('conversionReview', () => {
  it('speaks the first version that both sides know', () => {
    expect(sent.apiVersion).toBe('apiextensions.k8s.io/v1');
    expect(() => conversionReview(['v9'], 'id', 'x', [])).toThrow('no supported conversion review versions');
  });
});

describe('readConversionReview', () => {
  it('takes labels and annotations from the webhook, and all other metadata from the object', () => {
    const converted = object('v2', {
      labels: { now: 'there' },
      annotations: { a: 'b' },
      generation: 9,
      finalizers: ['x/y'],
    });
    expect(readConversionReview(answer({ convertedObjects: [converted] }), sent)).toEqual([
      {
        ...object('v2'),
        metadata: { name: 'a', uid: 'u', generation: 3, labels: { now: 'there' }, annotations: { a: 'b' } },
      },
    ]);
  });

  it.each([
    [
      answer({}, { apiVersion: 'v1' }),
      'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1/, Kind=ConversionReview',
    ],
    [answer({}, { response: undefined }), 'failed: no response provided'],
    [answer({ uid: 'other' }), 'failed: expected response.uid="id", got "other"'],
    [answer({ result: { status: 'Failed', message: 'cannot' } }), 'failed: cannot'],
    [answer({ result: {} }), "failed: response.result.status was '', not 'Success'"],
    [answer({ convertedObjects: [] }), 'returned 0 objects, expected 1'],
    [
      answer({ convertedObjects: [object('v1')] }),
      'returned invalid converted object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
    ],
    [
      answer({ convertedObjects: [{ ...object('v2'), kind: 'Bar' }] }),
      'returned invalid converted object at index 0: invalid kind (expected Foo, received Bar)',
    ],
    [
      answer({ convertedObjects: [object('v2', { name: 'b' })] }),
      'returned invalid converted object at index 0: must have the same name: a != b',
    ],
    [
      answer({ convertedObjects: [object('v2', { uid: 'b' })] }),
      'returned invalid converted object at index 0: must have the same UID: u != b',
    ],
    [
      answer({ convertedObjects: [{ ...object('v2'), metadata: undefined }] }),
      'returned invalid metadata in object at index 0: missing metadata in converted object',
    ],
    [
      answer({ convertedObjects: [object('v2', { labels: { a: 1 } })] }),
      'returned invalid metadata in object at index 0: metadata.labels[a] must be a string in converted object',
    ],
    [answer({ convertedObjects: [null] }), 'returned invalid converted object at index 0: must be an object'],
    [null, 'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind='],
  ])('refuses %j', (given, message) => {
    expect(() => readConversionReview(given, sent)).toThrow(message);
  });
});
