import { denial } from '../../../../../apiserver/admission/webhook/call';
import { reviewVersionOf, verifyAnswer } from '../../../../../apiserver/admission/webhook/review';

const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const answer = (response: unknown) => ({ ...envelope, response });
const patch = Buffer.from('[{"op":"add","path":"/a","value":1}]').toString('base64');

describe('the answer of a webhook', () => {
  it('is what the webhook may say, and nothing else', () => {
    const response = {
      uid: 'u',
      allowed: true,
      patch,
      patchType: 'JSONPatch',
      warnings: ['careful', 7],
      auditAnnotations: { seen: 'yes' },
      other: 1,
    };
    expect(verifyAnswer('v1', 'u', true, answer(response))).toEqual({
      allowed: true,
      patch: [{ op: 'add', path: '/a', value: 1 }],
      auditAnnotations: { seen: 'yes' },
      warnings: ['careful'],
    });
    expect(verifyAnswer('v1', 'u', false, answer(response))).not.toHaveProperty('patch');
  });

  it.each([
    ['no response', answer(undefined), 'webhook response was absent'],
    ['null', null, 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got , Kind='],
    ['another kind', { ...answer({ uid: 'u' }), kind: 'Pod' }, 'got admission.k8s.io/v1, Kind=Pod'],
    [
      'another version',
      { ...answer({ uid: 'u' }), apiVersion: 'admission.k8s.io/v1beta1' },
      'got admission.k8s.io/v1beta1',
    ],
    ['another uid', answer({ uid: 'x' }), 'expected response.uid="u", got "x"'],
    ['no uid', answer({ allowed: true }), 'expected response.uid="u", got ""'],
    [
      'a patch without a type',
      answer({ uid: 'u', patch }),
      'webhook returned response.patch but not response.patchType',
    ],
    [
      'a type without a patch',
      answer({ uid: 'u', patchType: 'JSONPatch' }),
      'webhook returned response.patchType but not response.patch',
    ],
    ['another type of patch', answer({ uid: 'u', patch, patchType: 'Merge' }), 'invalid response.patchType of "Merge"'],
    ['a patch that is no JSON', answer({ uid: 'u', patch: 'AAAA', patchType: 'JSONPatch' }), 'JSON'],
  ])('is refused with %s', (_, body, message) => {
    expect(() => verifyAnswer('v1', 'u', true, body)).toThrow(message);
  });

  it('is lenient in v1beta1', () => {
    expect(verifyAnswer('v1beta1', 'u', true, { response: { allowed: true, patch } })).toMatchObject({ allowed: true });
    expect(reviewVersionOf(['v2', 'v1beta1', 'v1'])).toBe('v1beta1');
    expect(reviewVersionOf(['v2'])).toBeUndefined();
  });

  it.each([
    [undefined, 400, 'admission webhook "w" denied the request without explanation'],
    [{ message: 'no' }, 400, 'admission webhook "w" denied the request: no'],
    [{ reason: 'Forbidden', code: 403 }, 403, 'admission webhook "w" denied the request: Forbidden'],
    [{ message: 'no', code: 200 }, 400, 'admission webhook "w" denied the request: no'],
    [{ message: 'no', code: 99999 }, 400, 'admission webhook "w" denied the request: no'],
  ])('that denies with %j is answered with code %d', (result, code, message) => {
    expect(denial('w', result)).toMatchObject({ code, message });
  });
});
