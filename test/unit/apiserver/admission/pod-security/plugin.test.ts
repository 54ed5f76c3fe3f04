import { namespaces } from '../../../../../api/core/v1/namespace';
import { pods } from '../../../../../api/core/v1/pod';
import type { AdmissionAttributes } from '../../../../../apiserver/admission/admission';
import { podSecurity } from '../../../../../apiserver/admission/pod-security';
import { readPodSecurityConfiguration } from '../../../../../apiserver/admission/pod-security/configuration';
import { createTestLoopback } from '../../../../support/loopback';

const prefix = 'pod-security.kubernetes.io/';
const container = (more: object = {}) => ({ name: 'c', image: 'i', ...more });
const privileged = { securityContext: { privileged: true } };

function setUp(labels: Record<string, string>, exemptions: object = {}) {
  const loopback = createTestLoopback();
  loopback.put(namespaces, { metadata: { name: 'n', labels } });
  const plugin = podSecurity({
    loopback,
    configuration: readPodSecurityConfiguration({
      apiVersion: 'pod-security.admission.config.k8s.io/v1',
      kind: 'PodSecurityConfiguration',
      exemptions,
    }),
  });
  const annotations: Record<string, string> = {};
  const warnings: string[] = [];
  const run = async (given: Partial<AdmissionAttributes>): Promise<void> => {
    const context = {
      ...loopback.contextOf({ name: 'jane', groups: [] }),
      annotateAudit: (key: string, value: string) => void (annotations[key] = value),
      warn: (message: string) => void warnings.push(message),
    };
    const attributes = {
      operation: 'CREATE',
      definition: pods,
      subresource: '',
      namespace: 'n',
      name: 'p',
      ...given,
      context,
    };
    await plugin.validate!(attributes as AdmissionAttributes);
  };
  return { annotations, plugin, run, warnings };
}

const bad = { metadata: { name: 'p' }, spec: { containers: [container(privileged)] } };
const refusal = 'violates PodSecurity "baseline:latest": privileged';

describe('PodSecurity', () => {
  it('notes in the audit log what it enforces and what would violate', async () => {
    const { annotations, run, warnings } = setUp({ [`${prefix}audit`]: 'baseline', [`${prefix}warn`]: 'baseline' });
    await run({ object: bad });
    const violation =
      'would violate PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)';
    expect(annotations).toEqual({
      [`${prefix}enforce-policy`]: 'privileged:latest',
      [`${prefix}audit-violations`]: violation,
    });
    expect(warnings).toEqual([violation]);
  });

  it('enforces the strictest of labels that it cannot read', async () => {
    const { annotations, run } = setUp({ [`${prefix}enforce`]: 'tight' });
    await expect(run({ object: bad })).rejects.toThrow('violates PodSecurity "restricted:latest"');
    expect(annotations[`${prefix}error`]).toContain('Failed to parse policy');
  });

  it.each([
    ['users', { usernames: ['jane'] }, {}, 'user'],
    ['namespaces', { namespaces: ['n'] }, {}, 'namespace'],
    ['runtime classes', { runtimeClasses: ['vm'] }, { runtimeClassName: 'vm' }, 'runtimeClass'],
  ])('exempts %s', async (_title, exemptions, spec, dimension) => {
    const { annotations, run } = setUp({ [`${prefix}enforce`]: 'baseline' }, exemptions);
    await run({ object: { ...bad, spec: { ...bad.spec, ...spec } } });
    expect(annotations).toEqual({ [`${prefix}exempt`]: dimension });
  });

  it('says that the labels of an exempt namespace have no effect', async () => {
    const { run, warnings } = setUp({}, { namespaces: ['n'] });
    const object = {
      metadata: { name: 'n', labels: { [`${prefix}enforce`]: 'baseline', [`${prefix}warn`]: 'restricted' } },
    };
    await run({ definition: namespaces, namespace: '', name: 'n', object });
    expect(warnings).toEqual([
      'namespace "n" is exempt from Pod Security, and the policy (enforce=baseline:latest, warn=restricted:latest) will be ignored',
    ]);
  });

  it('looks at updates that bring other images or containers, and at no other', async () => {
    const { plugin, run } = setUp({ [`${prefix}enforce`]: 'baseline' });
    const update = (spec: object, subresource = '') =>
      run({
        operation: 'UPDATE',
        subresource,
        object: { ...bad, spec: { ...bad.spec, ...spec } },
        oldObject: bad as any,
      });
    await expect(update({})).resolves.toBeUndefined();
    await expect(update({ containers: [container({ ...privileged, image: 'j' })] })).rejects.toThrow(refusal);
    await expect(update({ ephemeralContainers: [container({ name: 'e' })] }, 'ephemeralcontainers')).rejects.toThrow(
      refusal,
    );
    expect(plugin.concerns!(pods, 'ephemeralcontainers')).toBe(true);
    for (const harmless of ['status', 'binding', 'exec']) expect(plugin.concerns!(pods, harmless)).toBe(false);
  });
});
