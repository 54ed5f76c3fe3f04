import { rolloutStatus, deadlineCheckMs } from '../../../../../controller-manager/controllers/deployment/status';
import { at, deployment, epochMs, replicaSet } from '../../../../support/controller-objects';

const now = epochMs + 1_000_000;
const progressing = (reason: string, lastUpdate: number) => ({
  type: 'Progressing',
  status: 'True',
  reason,
  message: '',
  lastUpdateTime: at(lastUpdate),
  lastTransitionTime: at(0),
});

const conditionsOf = (status: ReturnType<typeof rolloutStatus>) =>
  Object.fromEntries((status.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}: ${c.message}`]));

describe('rolloutStatus', () => {
  it('counts over all replica sets', () => {
    const fresh = replicaSet({ name: 'new', replicas: 3, actual: 3, available: 1 });
    const status = rolloutStatus(
      deployment(),
      [replicaSet({ replicas: 8, actual: 8, available: 8 }), fresh],
      fresh,
      now,
    );
    expect(status).toMatchObject({
      replicas: 11,
      updatedReplicas: 3,
      readyReplicas: 9,
      availableReplicas: 9,
      unavailableReplicas: 2,
      observedGeneration: 1,
    });
  });

  it('is complete once only new and available replicas are left', () => {
    const fresh = replicaSet({ name: 'web-new', replicas: 10, available: 10 });
    expect(conditionsOf(rolloutStatus(deployment(), [fresh], fresh, now))).toEqual({
      Available: 'True MinimumReplicasAvailable: Deployment has minimum availability.',
      Progressing: 'True NewReplicaSetAvailable: ReplicaSet "web-new" has successfully progressed.',
    });
  });

  it('notes progress by moving lastUpdateTime but not lastTransitionTime', () => {
    const fresh = replicaSet({ name: 'web-new', replicas: 3, available: 1 });
    const before = { updatedReplicas: 2, replicas: 12, conditions: [progressing('ReplicaSetUpdated', 10)] };
    const status = rolloutStatus(deployment({ status: before }), [fresh], fresh, now);
    expect(status.conditions?.find(({ type }) => type === 'Progressing')).toEqual({
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: 'ReplicaSet "web-new" is progressing.',
      lastUpdateTime: at(1000),
      lastTransitionTime: at(0),
    });
  });

  it('times out when nothing moved for the deadline', () => {
    const fresh = replicaSet({ name: 'web-new', replicas: 3, actual: 3 });
    const before = { updatedReplicas: 3, replicas: 3, conditions: [progressing('ReplicaSetUpdated', 300)] };
    const stuck = deployment({ status: before });
    expect(conditionsOf(rolloutStatus(stuck, [fresh], fresh, now))['Progressing']).toBe(
      'False ProgressDeadlineExceeded: ReplicaSet "web-new" has timed out progressing.',
    );
    expect(conditionsOf(rolloutStatus(stuck, [fresh], fresh, epochMs + 800_000))['Progressing']).toMatch(
      /^True ReplicaSetUpdated/,
    );
  });

  it('stays finished when a pod of a finished rollout dies', () => {
    const fresh = replicaSet({ name: 'web-new', replicas: 10, available: 9 });
    const before = {
      updatedReplicas: 10,
      replicas: 10,
      availableReplicas: 10,
      conditions: [progressing('NewReplicaSetAvailable', 0)],
    };
    expect(conditionsOf(rolloutStatus(deployment({ status: before }), [fresh], fresh, now))['Progressing']).toMatch(
      /NewReplicaSetAvailable/,
    );
  });

  it("takes over the new replica set's failure, and drops it when it is gone", () => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' };
    const failing = replicaSet({ name: 'web-new', conditions: [failure] });
    const status = rolloutStatus(deployment(), [failing], failing, now);
    expect(conditionsOf(status)['ReplicaFailure']).toBe('True FailedCreate: quota');
    const fine = replicaSet({ name: 'web-new' });
    expect(conditionsOf(rolloutStatus(deployment({ status }), [fine], fine, now))['ReplicaFailure']).toBeUndefined();
  });

  it('has no Progressing condition without a deadline', () => {
    const status = { conditions: [progressing('ReplicaSetUpdated', 0)] };
    const endless = deployment({ status, progressDeadlineSeconds: 2 ** 31 - 1 });
    expect(conditionsOf(rolloutStatus(endless, [], undefined, now))['Progressing']).toBeUndefined();
  });
});

describe('deadlineCheckMs', () => {
  it('looks again a second after the deadline, unless it is over', () => {
    const status = { conditions: [progressing('ReplicaSetUpdated', 900)] };
    expect(deadlineCheckMs(deployment(), status, now)).toBe(501_000);
    const over = { conditions: [progressing('ProgressDeadlineExceeded', 0)] };
    expect(deadlineCheckMs(deployment(), over, now)).toBeUndefined();
  });
});
