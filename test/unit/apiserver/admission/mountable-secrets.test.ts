import type { PodSpec } from '../../../../api/core/v1/pod';
import { forbiddenSecret } from '../../../../apiserver/admission/mountable-secrets';

const account = {
  metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
  secrets: [{ name: 'mine' }],
  imagePullSecrets: [{ name: 'pull' }],
};
const why = 'is not allowed because service account a does not reference that secret';
const c = (more: object) => [{ name: 'c', ...more }];
const env = (secret: string) => ({ env: [{ name: 'V', valueFrom: { secretKeyRef: { name: secret, key: 'k' } } }] });

describe('forbiddenSecret', () => {
  it.each<[object, string | undefined]>([
    [{ containers: c(env('mine')), imagePullSecrets: [{ name: 'pull' }] }, undefined],
    [{ volumes: [{ name: 'v', secret: { secretName: 'other' } }] }, `volume with secret.secretName="other" ${why}`],
    [
      { initContainers: c(env('other')) },
      `init container c with envVar V referencing secret.secretName="other" ${why}`,
    ],
    [
      { containers: c({ envFrom: [{ secretRef: { name: 'other' } }] }) },
      `container c with envFrom referencing secret.secretName="other" ${why}`,
    ],
    [
      { ephemeralContainers: c(env('other')) },
      `ephemeral container c with envVar V referencing secret.secretName="other" ${why}`,
    ],
    [
      { imagePullSecrets: [{ name: 'other' }] },
      'imagePullSecrets[0].name="other" is not allowed because service account a does not reference that imagePullSecret',
    ],
  ])('%j', (spec, expected) => {
    expect(forbiddenSecret(account, spec as PodSpec)).toBe(expected);
  });

  it('lets accounts that do not enforce their list be', () => {
    const spec = { containers: [], volumes: [{ name: 'v', secret: { secretName: 'other' } }] };
    expect(forbiddenSecret({ metadata: { name: 'a' } }, spec)).toBeUndefined();
  });
});
