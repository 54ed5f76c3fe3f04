import { planRepair } from '../../../../apiserver/controllers/node-port-repair';

describe('node port repair', () => {
  it('takes what services hold, and frees what none held for three rounds', () => {
    const taken = new Set(['1', '2']);
    const used = new Set(['1', '3']);
    let plan = planRepair(taken, used, new Map());
    expect(plan).toMatchObject({ take: ['3'], free: [] });
    plan = planRepair(taken, used, plan.unusedRounds);
    expect(plan.free).toEqual([]);
    plan = planRepair(taken, used, plan.unusedRounds);
    expect(plan.free).toEqual(['2']);
    expect(plan.unusedRounds.size).toBe(0);
  });

  it('forgets the rounds of a value that found its service', () => {
    const plan = planRepair(new Set(['1']), new Set(['1']), new Map([['1', 2]]));
    expect(plan).toEqual({ take: [], free: [], unusedRounds: new Map() });
  });
});
