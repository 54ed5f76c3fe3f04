import { formatFieldError } from '../../../../../api/meta/field-error';
import { readPodSecurityConfiguration } from '../../../../../apiserver/admission/pod-security/configuration';
import { isStricter, type LevelVersion, policyOf } from '../../../../../apiserver/admission/pod-security/policy';

const prefix = 'pod-security.kubernetes.io/';

describe('the policy of a namespace', () => {
  it('is privileged without labels', () => {
    expect(policyOf({}).policy.enforce).toEqual({ level: 'privileged', version: 'latest' });
  });

  it('follows the labels', () => {
    const { policy, errors } = policyOf({
      [`${prefix}enforce`]: 'baseline',
      [`${prefix}enforce-version`]: 'v1.30',
      [`${prefix}warn`]: 'restricted',
    });
    expect(errors).toEqual([]);
    expect(policy).toEqual({
      enforce: { level: 'baseline', version: 30 },
      audit: { level: 'privileged', version: 'latest' },
      warn: { level: 'restricted', version: 'latest' },
    });
  });

  it('enforces the strictest of what it cannot read', () => {
    const { policy, errors } = policyOf({ [`${prefix}enforce`]: 'tight', [`${prefix}warn-version`]: '1.2' });
    expect(policy.enforce).toEqual({ level: 'restricted', version: 'latest' });
    expect(errors.map((error) => formatFieldError(error))).toEqual([
      'metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "tight": must be one of privileged, baseline, restricted',
      'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.2": must be "latest" or "v1.x"',
    ]);
  });

  const at = (level: LevelVersion['level'], version: LevelVersion['version'] = 'latest'): LevelVersion => ({
    level,
    version,
  });
  it.each([
    [at('baseline'), at('privileged'), true],
    [at('restricted'), at('baseline'), true],
    [at('baseline'), at('restricted'), false],
    [at('baseline', 30), at('restricted'), true],
    [at('baseline'), at('baseline'), false],
    [at('privileged', 30), at('restricted'), false],
  ])('%j after %j: looks at the pods again: %s', (next, old, expected) => {
    expect(isStricter(next, old)).toBe(expected);
  });

  it('reads its configuration file', () => {
    const apiVersion = 'pod-security.admission.config.k8s.io/v1';
    const { defaults, exemptions } = readPodSecurityConfiguration({
      apiVersion,
      kind: 'PodSecurityConfiguration',
      defaults: { enforce: 'baseline', 'enforce-version': 'v1.33' },
      exemptions: { namespaces: ['kube-system'] },
    });
    expect(defaults.enforce).toEqual({ level: 'baseline', version: 33 });
    expect(exemptions).toEqual({ usernames: [], namespaces: ['kube-system'], runtimeClasses: [] });
    expect(() => readPodSecurityConfiguration({ apiVersion, kind: 'Other' })).toThrow(
      'expected a PodSecurityConfiguration',
    );
  });
});
