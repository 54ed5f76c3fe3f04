import {
  isScalingEvent,
  newReplicaCount,
  planResize,
  planRollingStep,
} from '../../../../../controller-manager/controllers/deployment/plan-scale';
import {
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
} from '../../../../../controller-manager/controllers/deployment/annotations';
import { deployment, replicaSet, type ReplicaSetOptions } from '../../../../support/controller-objects';

const sizes = (desired: number, max: number) => ({
  [desiredReplicasAnnotation]: String(desired),
  [maxReplicasAnnotation]: String(max),
});

describe('newReplicaCount', () => {
  it.each([
    { replicas: 10, maxSurge: 0, old: 10, current: 0, wanted: 0 },
    { replicas: 10, maxSurge: 2, old: 10, current: 0, wanted: 2 },
    { replicas: 10, maxSurge: '25%', old: 10, current: 0, wanted: 3 },
    { replicas: 10, maxSurge: 2, old: 5, current: 0, wanted: 7 },
    { replicas: 10, maxSurge: 2, old: 10, current: 2, wanted: 2 },
    { replicas: 1, maxSurge: 2, old: 0, current: 4, wanted: 1 },
  ])(
    'is $wanted for $current new and $old old of $replicas with surge $maxSurge',
    ({ replicas, maxSurge, old, current, wanted }) => {
      expect(
        newReplicaCount(deployment({ replicas, maxSurge, maxUnavailable: 1 }), current, [
          replicaSet({ replicas: old }),
        ]),
      ).toBe(wanted);
    },
  );
});

describe('planRollingStep', () => {
  /** Sizes after the step, by name. */
  const step = (
    spec: { replicas: number; maxSurge: number; maxUnavailable: number },
    fresh: ReplicaSetOptions,
    ...old: ReplicaSetOptions[]
  ) =>
    Object.fromEntries(
      planRollingStep(
        deployment(spec),
        replicaSet({ name: 'new', image: 'web:2', ...fresh }),
        old.map((each, i) => replicaSet({ name: `old-${i}`, createdAt: i, ...each })),
      ).map(({ replicaSet: { metadata }, replicas }) => [metadata.name, replicas]),
    );

  it('grows and shrinks in one step as far as surge and availability allow', () => {
    expect(
      step({ replicas: 10, maxSurge: 3, maxUnavailable: 2 }, { replicas: 0 }, { replicas: 10, available: 10 }),
    ).toEqual({ new: 3, 'old-0': 8 });
  });
  it('waits while new replicas are unavailable and no more may be missing', () => {
    expect(
      step({ replicas: 10, maxSurge: 2, maxUnavailable: 0 }, { replicas: 2 }, { replicas: 10, available: 10 }),
    ).toEqual({});
  });
  it('removes as many old replicas as new ones became available', () => {
    expect(
      step(
        { replicas: 10, maxSurge: 2, maxUnavailable: 0 },
        { replicas: 2, available: 2 },
        { replicas: 10, available: 10 },
      ),
    ).toEqual({ 'old-0': 8 });
  });
  it('removes unhealthy old replicas first, the oldest before the newer', () => {
    expect(
      step(
        { replicas: 10, maxSurge: 0, maxUnavailable: 4 },
        { replicas: 0 },
        { replicas: 3, available: 0 },
        { replicas: 7, available: 7 },
      ),
    ).toEqual({ 'old-0': 0, 'old-1': 6 });
  });
  it('never takes healthy replicas below the minimum when the new ones are broken', () => {
    expect(
      step({ replicas: 5, maxSurge: 1, maxUnavailable: 1 }, { replicas: 2 }, { replicas: 4, available: 4 }),
    ).toEqual({});
  });
  it('does not count on old replicas that are about to go', () => {
    expect(
      step(
        { replicas: 4, maxSurge: 1, maxUnavailable: 1 },
        { replicas: 2, available: 1 },
        { replicas: 3, actual: 4, available: 4 },
      ),
    ).toEqual({ 'old-0': 2 });
  });
  it('waits for the status of a replica set that was told one size after another', () => {
    const spec = deployment({ replicas: 10, maxSurge: 2, maxUnavailable: 1 });
    const turnedBack = (generation: number) => {
      const told = replicaSet({ name: 'new', replicas: 9, available: 9 });
      return { ...told, metadata: { ...told.metadata, generation } };
    };
    const old = [replicaSet({ name: 'old', replicas: 3, available: 3 })];
    expect(planRollingStep(spec, turnedBack(2), old).map(({ replicas }) => replicas)).toEqual([0]);
    expect(planRollingStep(spec, turnedBack(3), old)).toEqual([]);
  });
  it('does nothing when all is done', () => {
    expect(step({ replicas: 5, maxSurge: 1, maxUnavailable: 1 }, { replicas: 5, available: 5 })).toEqual({});
  });
});

describe('planResize', () => {
  const plan = (desired: number, fresh: ReplicaSetOptions | undefined, ...old: ReplicaSetOptions[]) =>
    planResize(deployment({ replicas: desired, maxSurge: 2, maxUnavailable: 1 }), {
      ...(fresh && { newReplicaSet: replicaSet({ name: 'new', createdAt: 100, ...fresh }) }),
      old: old.map((each, i) => replicaSet({ name: `old-${i}`, createdAt: i, ...each })),
    }).map(({ replicaSet: { metadata }, replicas }) => [metadata.name, replicas]);

  it('scales the only active replica set to the full size', () => {
    expect(plan(12, { replicas: 10 }, { replicas: 0 })).toEqual([['new', 12]]);
  });
  it('scales the newest when none is active and the template has none', () => {
    expect(plan(3, undefined, { replicas: 0 }, { replicas: 0 })).toEqual([['old-1', 3]]);
  });
  it('spreads growth in proportion, leftovers to the largest', () => {
    expect(plan(20, { replicas: 5, annotations: sizes(10, 12) }, { replicas: 7, annotations: sizes(10, 12) })).toEqual([
      ['old-0', 13],
      ['new', 9],
    ]);
  });
  it('shrinks to nothing', () => {
    expect(plan(0, { replicas: 5, annotations: sizes(10, 12) }, { replicas: 7, annotations: sizes(10, 12) })).toEqual([
      ['old-0', 0],
      ['new', 0],
    ]);
  });
  it('removes old replicas when the new replica set is saturated', () => {
    expect(plan(5, { replicas: 5, available: 5, annotations: sizes(5, 7) }, { replicas: 1 })).toEqual([['old-0', 0]]);
  });
});

describe('isScalingEvent', () => {
  it('compares the size noted on active replica sets', () => {
    const noted = replicaSet({ replicas: 2, annotations: sizes(2, 3) });
    expect(isScalingEvent(deployment({ replicas: 2 }), [noted])).toBe(false);
    expect(isScalingEvent(deployment({ replicas: 3 }), [noted])).toBe(true);
    expect(isScalingEvent(deployment({ replicas: 3 }), [replicaSet({ replicas: 0, annotations: sizes(2, 3) })])).toBe(
      false,
    );
  });
});
