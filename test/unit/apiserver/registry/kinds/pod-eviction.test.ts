import type { PodDisruptionBudget } from '../../../../../api/policy/v1/poddisruptionbudget';
import type { Stored } from '../../../../../api/meta/types';
import { canIgnoreBudget, mayEvictUnready, takeDisruption } from '../../../../../apiserver/registry/kinds/pod-eviction';

const now = '2026-01-01T00:00:00Z';
const budget = (status: object, generation = 1) =>
  ({
    metadata: { namespace: 'a', name: 'web', uid: 'u', resourceVersion: '1', creationTimestamp: now, generation },
    spec: {},
    status: { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3, ...status },
  }) as Stored<PodDisruptionBudget>;
const pod = (phase: string, ready = 'True', metadata: object = {}) => ({
  metadata,
  status: { phase, conditions: [{ type: 'Ready', status: ready }] },
});

describe('eviction', () => {
  it('takes one disruption and notes the pod', () => {
    expect(takeDisruption(budget({ disruptionsAllowed: 2 }), 'web-1', now).status).toMatchObject({
      disruptionsAllowed: 1,
      disruptedPods: { 'web-1': now },
    });
    expect(takeDisruption(budget({ disruptionsAllowed: 1 }), 'web-1', now).status?.conditions).toMatchObject([
      { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' },
    ]);
  });

  it('asks to come back when the budget is used up, in upstream words', async () => {
    const take = async () => takeDisruption(budget({ disruptionsAllowed: 0, currentHealthy: 2 }), 'web-1', now);
    const causes = [
      { reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' },
    ];
    await expect(take()).rejects.toMatchObject({
      code: 429,
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      status: { reason: 'TooManyRequests' },
    });
    // When it would help to come back is not known.
    const refused: unknown = await take().catch((error: unknown) => error);
    expect(refused).toHaveProperty('status.details', { causes });
  });

  it('waits for the controller to see a new budget', () => {
    expect(() => takeDisruption(budget({ disruptionsAllowed: 5 }, 2), 'web-1', now)).toThrow('Cannot evict pod');
  });

  it('lets pods go that no budget counts', () => {
    expect(['Pending', 'Succeeded', 'Failed', 'Running'].map((phase) => canIgnoreBudget(pod(phase)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(canIgnoreBudget(pod('Running', 'True', { deletionTimestamp: now }))).toBe(true);
  });

  it('lets unready pods go while enough others are healthy, or always when the budget says so', () => {
    const unready = pod('Running', 'False');
    expect(mayEvictUnready(unready, budget({}))).toBe(true);
    expect(mayEvictUnready(unready, budget({ currentHealthy: 1 }))).toBe(false);
    expect(mayEvictUnready(pod('Running'), budget({}))).toBe(false);
    const always = { ...budget({ currentHealthy: 0 }), spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } };
    expect(mayEvictUnready(unready, always)).toBe(true);
  });
});
