import { findCondition, isConditionTrue, setCondition, type ConditionLike } from '../../../../api/meta/conditions';

describe('setCondition', () => {
  it('adds a condition with the time of now', () => {
    const conditions: ConditionLike[] = [];
    expect(setCondition(conditions, { type: 'Ready', status: 'True' }, 't1')).toBe(true);
    expect(conditions).toEqual([{ type: 'Ready', status: 'True', lastTransitionTime: 't1' }]);
    expect(isConditionTrue(conditions, 'Ready')).toBe(true);
  });

  it('keeps the transition time while the status stays', () => {
    const conditions: ConditionLike[] = [{ type: 'Ready', status: 'True', reason: 'A', lastTransitionTime: 't1' }];
    expect(setCondition(conditions, { type: 'Ready', status: 'True', reason: 'A' }, 't2')).toBe(false);
    expect(setCondition(conditions, { type: 'Ready', status: 'True', reason: 'B' }, 't2')).toBe(true);
    expect(findCondition(conditions, 'Ready')).toEqual({
      type: 'Ready',
      status: 'True',
      reason: 'B',
      lastTransitionTime: 't1',
    });
    setCondition(conditions, { type: 'Ready', status: 'False' }, 't3');
    expect(conditions[0]?.lastTransitionTime).toBe('t3');
  });
});
