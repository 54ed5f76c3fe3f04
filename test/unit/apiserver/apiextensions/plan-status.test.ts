import type { CustomResourceDefinition } from '../../../../api/apiextensions/v1/customresourcedefinition';
import type { Stored } from '../../../../api/meta/types';
import { planStatus } from '../../../../apiserver/apiextensions/plan-status';

type Crd = Stored<CustomResourceDefinition>;
const now = '2024-01-01T00:00:00Z';

const crd = (
  plural: string,
  kind: string,
  extra: { metadata?: object; names?: object } = {},
  group = 'example.com',
): Crd => ({
  metadata: {
    name: `${plural}.${group}`,
    uid: plural,
    creationTimestamp: now,
    resourceVersion: '1',
    ...extra.metadata,
  },
  spec: {
    group,
    scope: 'Namespaced',
    versions: [],
    names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, ...extra.names },
  },
});
const decided = (one: Crd, others: Crd[] = []): Crd => ({ ...one, status: planStatus(one, others, now) });
const conditions = (status: CustomResourceDefinition['status']): string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason, message }) => `${type}=${is} ${reason}: ${message}`);

describe('planStatus', () => {
  it('accepts free names and establishes, once', () => {
    const one = decided(crd('foos', 'Foo'));
    expect(one.status?.acceptedNames).toEqual({ plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' });
    expect(conditions(one.status)).toEqual([
      'NamesAccepted=True NoConflicts: no conflicts found',
      'Established=True InitialNamesAccepted: the initial names have been accepted',
    ]);
    expect(planStatus(one, [one], 'later')).toBeUndefined();
  });

  it.each([
    ['plural', 'PluralConflict', '"foos" is already in use', crd('foos', 'Bar', { metadata: { uid: 'x' } })],
    ['singular', 'SingularConflict', '"foo" is already in use', crd('bars', 'Bar', { names: { singular: 'foo' } })],
    [
      'short name',
      'ShortNamesConflict',
      '["foo" is already in use, "foos" is already in use]',
      crd('bars', 'Bar', { names: { shortNames: ['foo', 'foos'] } }),
    ],
    [
      'kind',
      'KindConflict',
      '"Foo" is already in use',
      crd('bars', 'Foo', { names: { singular: 'bar', listKind: 'BarList' } }),
    ],
    [
      'list kind',
      'ListKindConflict',
      '"FooList" is already in use',
      crd('bars', 'Bar', { names: { listKind: 'FooList' } }),
    ],
  ])('refuses a %s that another holds', (_what, reason, message, other) => {
    const first = decided(crd('foos', 'Foo'));
    expect(conditions(planStatus(other, [first, other], now))).toEqual([
      `NamesAccepted=False ${reason}: ${message}`,
      'Established=False NotAccepted: not all names are accepted',
    ]);
  });

  it('gives the names when they are free again, and stays established when new ones are not', () => {
    const first = decided(crd('foos', 'Foo'));
    const loser = decided(crd('bars', 'Foo'), [first]);
    expect(conditions(planStatus(loser, [loser], now))).toContain('NamesAccepted=True NoConflicts: no conflicts found');
    const other = decided(crd('bars', 'Bar'));
    const greedy: Crd = { ...other, spec: { ...other.spec, names: { ...other.spec.names, shortNames: ['foo'] } } };
    expect(conditions(planStatus(greedy, [first, greedy], now))).toEqual([
      'NamesAccepted=False ShortNamesConflict: "foo" is already in use',
      'Established=True InitialNamesAccepted: the initial names have been accepted',
    ]);
  });

  it('decides alike, in whichever order two that want the same are looked at', () => {
    const a = crd('foos', 'Foo', { metadata: { uid: 'a', resourceVersion: '10' } });
    const b = crd('fools', 'Foo', { metadata: { uid: 'b', resourceVersion: '9' } });
    const won = (one: Crd): boolean => planStatus(one, [a, b], now)?.conditions?.[0]?.status === 'True';
    expect([won(a), won(b)]).toEqual([false, true]);
  });

  it.each([
    [undefined, 'False MissingAnnotation'],
    ['unapproved, for now', 'False UnapprovedAnnotation'],
    ['https://github.com/kubernetes/kubernetes/pull/1', 'True ApprovedAnnotation'],
    ['because', 'False InvalidAnnotation'],
  ])('tells whether a group of the community was approved: %s', (annotation, expected) => {
    const annotations = annotation ? { 'api-approved.kubernetes.io': annotation } : {};
    const status = planStatus(crd('foos', 'Foo', { metadata: { annotations } }, 'foo.k8s.io'), [], now);
    expect(conditions(status).at(-1)).toContain(`KubernetesAPIApprovalPolicyConformant=${expected}`);
  });
});
