import { StatusError } from '../../../../api/meta/status-error';
import { applyStrategicMergePatch } from '../../../../apiserver/patch/strategic-merge';

const deploymentSchema = 'io.k8s.api.apps.v1.Deployment';
const podSchema = 'io.k8s.api.core.v1.Pod';
const patchPod = (current: unknown, patch: unknown): unknown => applyStrategicMergePatch(current, patch, podSchema);

const web = { name: 'web', image: 'demo:v1', ports: [{ containerPort: 80 }] };
const sidecar = { name: 'sidecar', image: 'proxy' };
const podSpec = (spec: object): object => ({ spec: { template: { spec } } });

describe('applyStrategicMergePatch', () => {
  it('changes one image by container name, as kubectl set image does', () => {
    const current = podSpec({ containers: [web, sidecar] });
    const patch = podSpec({
      '$setElementOrder/containers': [{ name: 'web' }, { name: 'sidecar' }],
      containers: [{ name: 'web', image: 'demo:v2' }],
    });
    expect(applyStrategicMergePatch(current, patch, deploymentSchema)).toEqual(
      podSpec({ containers: [{ ...web, image: 'demo:v2' }, sidecar] }),
    );
    expect(current).toEqual(podSpec({ containers: [web, sidecar] }));
  });

  it('removes a container with $patch: delete', () => {
    const patch = podSpec({
      '$setElementOrder/containers': [{ name: 'web' }],
      containers: [{ $patch: 'delete', name: 'sidecar' }],
    });
    expect(applyStrategicMergePatch(podSpec({ containers: [web, sidecar] }), patch, deploymentSchema)).toEqual(
      podSpec({ containers: [web] }),
    );
  });

  it('puts new entries before those it keeps, unless an order is given', () => {
    const current = podSpec({ containers: [web] });
    const names = (patch: object): string[] => {
      const result = applyStrategicMergePatch<any>(current, podSpec(patch), deploymentSchema);
      return result.spec.template.spec.containers.map((container: { name: string }) => container.name);
    };
    expect(names({ containers: [sidecar] })).toEqual(['sidecar', 'web']);
    expect(
      names({ '$setElementOrder/containers': [{ name: 'web' }, { name: 'sidecar' }], containers: [sidecar] }),
    ).toEqual(['web', 'sidecar']);
  });

  it('keeps what only the server has where it stood', () => {
    const env = (...names: string[]): object[] => names.map((name) => ({ name, value: name }));
    const pod = (list: object[]): object => ({ spec: { containers: [{ name: 'a', env: list }] } });
    const patch = {
      spec: {
        containers: [
          { name: 'a', '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }], env: [{ name: 'A', value: 'new' }] },
        ],
      },
    };
    expect(patchPod(pod(env('A', 'server', 'C')), patch)).toEqual(
      pod([
        { name: 'server', value: 'server' },
        { name: 'C', value: 'C' },
        { name: 'A', value: 'new' },
      ]),
    );
  });

  it.each([
    [
      'merges maps and removes nulls',
      { metadata: { labels: { a: '1', b: '2' } } },
      { metadata: { labels: { a: null, c: '3' } } },
      { metadata: { labels: { b: '2', c: '3' } } },
    ],
    [
      'ignores nulls that match nothing',
      { metadata: {} },
      { metadata: { annotations: { x: null }, labels: null } },
      { metadata: { annotations: {} } },
    ],
    [
      'adds finalizers',
      { metadata: { finalizers: ['a/b'] } },
      { metadata: { finalizers: ['c/d', 'a/b'] } },
      { metadata: { finalizers: ['c/d', 'a/b'] } },
    ],
    [
      'removes finalizers by value',
      { metadata: { finalizers: ['a/b', 'c/d'] } },
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/b'], '$setElementOrder/finalizers': ['c/d'] } },
      { metadata: { finalizers: ['c/d'] } },
    ],
    [
      'replaces tolerations as a whole',
      { spec: { tolerations: [{ key: 'a' }, { key: 'b' }] } },
      { spec: { tolerations: [{ key: 'c' }] } },
      { spec: { tolerations: [{ key: 'c' }] } },
    ],
    [
      'replaces an object with $patch: replace',
      { spec: { securityContext: { runAsUser: 1, fsGroup: 2 } } },
      { spec: { securityContext: { $patch: 'replace', runAsUser: 3 } } },
      { spec: { securityContext: { runAsUser: 3 } } },
    ],
    [
      'replaces a list with $patch: replace',
      { spec: { containers: [web, sidecar] } },
      { spec: { containers: [{ $patch: 'replace' }, { name: 'x' }] } },
      { spec: { containers: [{ name: 'x' }] } },
    ],
    [
      'empties an object with $patch: delete',
      { spec: { securityContext: { runAsUser: 1 } } },
      { spec: { securityContext: { $patch: 'delete' } } },
      { spec: { securityContext: {} } },
    ],
    [
      'keeps only the named members with $retainKeys',
      {
        spec: {
          volumes: [
            { name: 'v', emptyDir: {} },
            { name: 'w', emptyDir: {} },
          ],
        },
      },
      {
        spec: {
          volumes: [{ $retainKeys: ['name', 'configMap'], name: 'v', configMap: { name: 'c' }, emptyDir: null }],
        },
      },
      {
        spec: {
          volumes: [
            { name: 'v', configMap: { name: 'c' } },
            { name: 'w', emptyDir: {} },
          ],
        },
      },
    ],
    [
      'drops instructions from new values',
      { spec: {} },
      {
        spec: {
          containers: [{ name: 'a' }, { $patch: 'delete', name: 'b' }],
          '$setElementOrder/containers': [{ name: 'a' }],
        },
      },
      { spec: { containers: [{ name: 'a' }] } },
    ],
    [
      'removes a whole list with null',
      { spec: { containers: [web], tolerations: [{ key: 'a' }] } },
      { spec: { tolerations: null } },
      { spec: { containers: [web] } },
    ],
    [
      'merges pull secrets by name',
      { spec: { imagePullSecrets: [{ name: 'a' }] } },
      { spec: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] } },
      { spec: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] } },
    ],
  ])('%s', (_name, current, patch, expected) => {
    expect(patchPod(current, patch)).toEqual(expected);
  });

  it('merges conditions by type, as kubelets patch them', () => {
    const ready = { type: 'Ready', status: 'False', reason: 'X' };
    const patch = {
      status: {
        '$setElementOrder/conditions': [{ type: 'MemoryPressure' }, { type: 'Ready' }],
        conditions: [{ type: 'Ready', status: 'True', reason: null }],
      },
    };
    const current = { status: { conditions: [{ type: 'MemoryPressure', status: 'False' }, ready] } };
    expect(applyStrategicMergePatch(current, patch, 'io.k8s.api.core.v1.Node')).toEqual({
      status: {
        conditions: [
          { type: 'MemoryPressure', status: 'False' },
          { type: 'Ready', status: 'True' },
        ],
      },
    });
  });

  it.each([
    [{ spec: { containers: [{ image: 'x' }] } }, 422],
    [{ spec: { containers: [{ $patch: 'merge', name: 'x' }] } }, 422],
    [{ spec: { $patch: 'wipe' } }, 422],
    [{ spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'web' }] } }, 422],
    [{ spec: { '$setElementOrder/containers': 'x' } }, 400],
    [{ spec: { $retainKeys: 'x' } }, 400],
    [{ spec: { $retainKeys: ['a'], nodeName: 'b' } }, 400],
    [{ metadata: { '$deleteFromPrimitiveList/finalizers/x': [] } }, 400],
    [[], 400],
    [JSON.parse('{"metadata":{"__proto__":{"polluted":true}}}'), 400],
    [{ metadata: { labels: { constructor: 'x' } } }, 400],
  ])('refuses %j with %d', (patch, code) => {
    const current = { metadata: { finalizers: ['a/b'] }, spec: { containers: [web] } };
    const refused = ((): unknown => {
      try {
        return patchPod(current, patch);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(StatusError);
    expect((refused as StatusError).code).toBe(code);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('is not supported for kinds without a schema', () => {
    expect(() => applyStrategicMergePatch({}, {}, 'com.example.v1.Thing')).toThrow(
      expect.objectContaining({ code: 415 }) as Error,
    );
  });

  it('refuses nesting bombs', () => {
    const bomb = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as object;
    expect(() => patchPod({}, bomb)).toThrow('maximum depth');
  });
});

it('replaces a list that is not there yet', () => {
  const patch = { status: { podIPs: [{ ip: '10.244.0.2' }, { $patch: 'replace' }] } };
  expect(applyStrategicMergePatch({ status: {} }, patch, 'io.k8s.api.core.v1.Pod')).toEqual({
    status: { podIPs: [{ ip: '10.244.0.2' }] },
  });
});
