import { FieldPath, formatFieldError } from '../../../../api/meta/field-error';
import { nameIsDnsSubdomain } from '../../../../api/meta/names';
import {
  validateDeleteOptions,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateQualifiedFinalizers,
} from '../../../../api/meta/object-meta';
import type { ObjectMeta } from '../../../../api/meta/types';

const create = (meta: ObjectMeta, namespaced = true): string[] =>
  validateObjectMeta(meta, namespaced, nameIsDnsSubdomain).map((error) => formatFieldError(error));
const update = (meta: ObjectMeta, old: ObjectMeta): string[] =>
  validateObjectMetaUpdate(meta, old).map((error) => formatFieldError(error));
const web = { name: 'web', namespace: 'default' };
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u1', controller: true };

describe('validateObjectMeta', () => {
  it('accepts ordinary metadata', () => {
    const labels = { app: 'web', 'example.com/tier': '' };
    expect(create({ ...web, labels, annotations: { 'Example.com/Note': 'x y' }, ownerReferences: [owner] })).toEqual(
      [],
    );
    expect(create({ name: 'node-1' }, false)).toEqual([]);
  });

  it.each([
    [{ namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    [{ name: 'web' }, ['metadata.namespace: Required value']],
    [{ ...web, generation: -1 }, ['metadata.generation: Invalid value: -1: must be greater than or equal to 0']],
    [
      { ...web, finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      { ...web, ownerReferences: [{ ...owner, apiVersion: '', uid: '' }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      { ...web, annotations: { a: 'x'.repeat(262144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
  ])('refuses %j', (meta, messages) => {
    expect(create(meta)).toEqual(messages);
  });

  it('wants finalizers of built-in kinds qualified', () => {
    const errors = validateQualifiedFinalizers({ finalizers: ['mine', 'orphan', 'example.com/mine'] });
    expect(errors.map((error) => formatFieldError(error))).toEqual([
      'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ]);
  });

  it('allows one controller', () => {
    expect(create({ ...web, ownerReferences: [owner, { ...owner, name: 'other' }] })[0]).toMatch(
      'Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/rs and ReplicaSet/other',
    );
  });

  it('refuses a namespace on cluster-scoped kinds', () => {
    expect(create(web, false)).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });
});

describe('validateObjectMetaUpdate', () => {
  const old = { ...web, uid: 'u', resourceVersion: '5', generation: 2, finalizers: ['a.b/c'] };

  it('keeps identity immutable', () => {
    expect(update(old, old)).toEqual([]);
    expect(update({ ...old, uid: 'v', resourceVersion: '', generation: 1 }, old)).toEqual([
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      'metadata.generation: Invalid value: 1: must not be decremented',
      'metadata.uid: Invalid value: "v": field is immutable',
    ]);
  });

  it('lets finalizers only go while an object is deleted', () => {
    const dying = { ...old, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(update({ ...dying, finalizers: [] }, dying)).toEqual([]);
    expect(update({ ...dying, finalizers: ['a.b/c', 'a.b/d'] }, dying)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/d"}',
    ]);
  });
});

describe('validateLabelSelector', () => {
  it('checks operators and their values', () => {
    const errors = validateLabelSelector(
      {
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'b', operator: 'Exists', values: ['x'] },
          { key: 'c', operator: 'Near' },
        ],
      },
      FieldPath.of('spec', 'selector'),
    );
    expect(errors.map((error) => formatFieldError(error))).toEqual([
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
    ]);
  });

  it('takes what an expression leaves out for empty', () => {
    const errors = validateLabelSelector({ matchExpressions: [{} as never] }, FieldPath.of('selector'));
    expect(errors.map((error) => formatFieldError(error))).toEqual([
      'selector.matchExpressions[0].operator: Invalid value: "": not a valid selector operator',
      'selector.matchExpressions[0].key: Invalid value: "": name part must be non-empty',
      expect.stringContaining('selector.matchExpressions[0].key: Invalid value: "": name part must consist of'),
    ]);
  });
});

describe('validateDeleteOptions', () => {
  it('refuses contradictions and unknown policies', () => {
    expect(validateDeleteOptions({ propagationPolicy: 'Foreground', dryRun: ['All'] })).toEqual([]);
    const texts = validateDeleteOptions({ orphanDependents: true, propagationPolicy: 'Never' }).map((e) =>
      formatFieldError(e),
    );
    expect(texts).toEqual([
      'propagationPolicy: Invalid value: "Never": orphanDependents and deletionPropagation cannot be both set',
      'propagationPolicy: Unsupported value: "Never": supported values: "Background", "Foreground", "Orphan", "nil"',
    ]);
  });
});
