import { noPressure, observePressure, type PressureState } from '../../../../kubelet/eviction/pressure';
import type { Signal } from '../../../../kubelet/eviction/signals';
import { parseThresholds } from '../../../../kubelet/eviction/thresholds';

const thresholds = parseThresholds({
  evictionHard: ['nodefs.available<10', 'memory.available<10'],
  evictionSoft: ['memory.available<20'],
  evictionSoftGracePeriod: ['memory.available=30s'],
  evictionMinimumReclaim: ['nodefs.available=5'],
});

/** Looks every ten seconds; each look finds so much of everything. */
function watch(looks: Partial<Record<Signal, number>>[]) {
  let state: PressureState = noPressure;
  return looks.map((look, i) => {
    const observations = new Map(
      Object.entries(look).map(([signal, available]) => [signal as Signal, { available, capacity: 100 }]),
    );
    const times = { nowMs: i * 10_000, transitionPeriodMs: 25_000 };
    const pressure = observePressure(state, thresholds, observations, times);
    ({ state } = pressure);
    const due = pressure.due.map(({ signal, gracePeriodMs }) => `${gracePeriodMs ? 'soft' : 'hard'} ${signal}`);
    return [[...pressure.conditions].join(), due.join()];
  });
}

describe('pressure', () => {
  it('calls for evictions at once at hard thresholds, memory first', () => {
    expect(watch([{ 'nodefs.available': 9, 'memory.available': 9 }])).toEqual([
      ['DiskPressure,MemoryPressure', 'hard memory.available,hard nodefs.available'],
    ]);
  });

  it('is told at once but acted upon only after the grace period of a soft threshold', () => {
    const low = { 'memory.available': 15 };
    expect(watch([low, low, low, low])).toEqual([
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', 'soft memory.available'],
    ]);
  });

  it('begins a grace period anew after a break, and keeps its condition for the transition period', () => {
    const [low, fine] = [{ 'memory.available': 15 }, { 'memory.available': 50 }];
    expect(watch([low, low, fine, low, fine, fine, fine])).toEqual([
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['MemoryPressure', ''],
      ['', ''],
    ]);
  });

  it('stays until as much was reclaimed as is asked for', () => {
    const looks = [9, 12, 15].map((available) => ({ 'nodefs.available': available }));
    expect(watch(looks).map(([, due]) => due)).toEqual(['hard nodefs.available', 'hard nodefs.available', '']);
    expect(watch([{ 'nodefs.available': 12 }])).toEqual([['', '']]);
  });
});
