import {
  disruptionChange,
  evictionRate,
  surveyZones,
} from '../../../../../controller-manager/controllers/node-lifecycle/zones';
import { node } from '../../../../support/controller-objects';

const rates = { normal: 0.1, secondary: 0.01, unhealthyThreshold: 0.55, largeClusterSize: 50 };
const nodes = (ready: number, notReady: number) => [
  ...Array.from({ length: ready }, (_, i) => node(`r${i}`)),
  ...Array.from({ length: notReady }, (_, i) => node(`u${i}`, { Ready: 'Unknown' })),
];

describe('surveyZones', () => {
  it.each([
    [3, 0, 'Normal', 0.1],
    [2, 1, 'Normal', 0.1],
    [1, 2, 'Normal', 0.1],
    [2, 3, 'PartialDisruption', 0],
    [30, 40, 'PartialDisruption', 0.01],
    [0, 3, 'FullDisruption', 0.1],
  ])('with %d ready and %d silent nodes is %s', (ready, silent, state, rate) => {
    const [zone] = surveyZones(nodes(ready, silent), rates.unhealthyThreshold);
    expect(zone?.state).toBe(state);
    expect(evictionRate(zone!, rates)).toBe(rate);
  });
});

describe('disruptionChange', () => {
  const full = surveyZones(nodes(0, 2), 0.55);
  const fine = surveyZones(nodes(2, 0), 0.55);
  it('notices when the last zone goes down and when the first comes back', () => {
    expect(disruptionChange(new Map(), full)).toBe('entered');
    expect(disruptionChange(new Map([['', 'FullDisruption']]), full)).toBe('none');
    expect(disruptionChange(new Map([['', 'FullDisruption']]), fine)).toBe('left');
    expect(disruptionChange(new Map([['', 'Normal']]), fine)).toBe('none');
  });
});
