import {
  budgetStatus,
  countHealthy,
  expectation,
  planDisruptedPods,
} from '../../../../../controller-manager/controllers/disruption/plan-budget';
import type { PodDisruptionBudget } from '../../../../../api/policy/v1/poddisruptionbudget';
import { at, epochMs, pod, stored } from '../../../../support/controller-objects';

const budget = (spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudget['status']) =>
  stored<PodDisruptionBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default', generation: 2 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    ...(status && { status }),
  });

describe('expectation', () => {
  it.each([
    [{ minAvailable: 2 }, 3, 10, { expectedPods: 3, desiredHealthy: 2 }],
    [{ minAvailable: '50%' }, 3, 5, { expectedPods: 5, desiredHealthy: 3 }],
    [{ maxUnavailable: 1 }, 3, 5, { expectedPods: 5, desiredHealthy: 4 }],
    [{ maxUnavailable: '30%' }, 3, 5, { expectedPods: 5, desiredHealthy: 3 }],
    [{ maxUnavailable: 9 }, 3, 5, { expectedPods: 5, desiredHealthy: 0 }],
  ])('of %j', (spec, pods, scale, wanted) => expect(expectation(budget(spec), pods, scale)).toEqual(wanted));
});

describe('budgetStatus', () => {
  const status = (expectedPods: number, desiredHealthy: number, healthy: number) =>
    budgetStatus(budget({}), { expectedPods, desiredHealthy }, healthy, {}, epochMs);
  it('allows what is healthy beyond the desired', () => {
    const { conditions, ...rest } = status(5, 3, 5);
    expect(rest).toEqual({
      currentHealthy: 5,
      desiredHealthy: 3,
      expectedPods: 5,
      disruptionsAllowed: 2,
      observedGeneration: 2,
    });
    expect(conditions?.[0]).toMatchObject({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' });
  });
  it('allows nothing below the desired, or while no pods are expected', () => {
    expect(status(5, 3, 2).disruptionsAllowed).toBe(0);
    expect(status(0, 0, 3).disruptionsAllowed).toBe(0);
    expect(status(5, 3, 3).conditions?.[0]).toMatchObject({ status: 'False', reason: 'InsufficientPods' });
  });
});

describe('planDisruptedPods', () => {
  it('forgets pods that are going, keeps granted ones and reports those that never went', () => {
    const disruptedPods = { going: at(0), granted: at(100), stuck: at(0) };
    const status = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0, disruptedPods };
    const pods = [
      pod({ name: 'going', deleting: true }),
      pod({ name: 'granted', readyAt: 0 }),
      pod({ name: 'stuck', readyAt: 0 }),
    ];
    const plan = planDisruptedPods(budget({}, status), pods, epochMs + 150_000);
    expect(plan.disruptedPods).toEqual({ granted: at(100) });
    expect(plan.notDeleted.map(({ metadata }) => metadata.name)).toEqual(['stuck']);
    expect(plan.recheckAtMs).toBe(epochMs + 220_000);
    expect(countHealthy(pods, plan.disruptedPods)).toBe(1);
  });
});
