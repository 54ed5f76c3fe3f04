import {
  isSilent,
  observeNode,
  unknownConditions,
} from '../../../../../controller-manager/controllers/node-lifecycle/node-health';
import { epochMs, node } from '../../../../support/controller-objects';

const grace = { monitorMs: 50_000, startupMs: 60_000 };
const lease = (renewTime: string) => ({ spec: { renewTime } });

describe('observeNode', () => {
  it('counts a newer lease or heartbeat as a sign of life, by the own clock', () => {
    const first = observeNode(node('n'), lease('2026-01-01T00:00:00.000000Z'), undefined, epochMs + 5000);
    expect(first.probedAtMs).toBe(epochMs + 5000);
    const silent = observeNode(node('n'), lease('2026-01-01T00:00:00.000000Z'), first, epochMs + 20_000);
    expect(silent.probedAtMs).toBe(epochMs + 5000);
    const renewed = observeNode(node('n'), lease('2026-01-01T00:00:10.000000Z'), silent, epochMs + 30_000);
    expect(renewed.probedAtMs).toBe(epochMs + 30_000);
  });
});

describe('isSilent', () => {
  it('waits for the grace period, a longer one before the first report', () => {
    const health = { probedAtMs: epochMs };
    expect(isSilent(node('n'), health, grace, epochMs + 50_000)).toBe(false);
    expect(isSilent(node('n'), health, grace, epochMs + 50_001)).toBe(true);
    expect(isSilent(node('n', {}), health, grace, epochMs + 50_001)).toBe(false);
  });
});

describe('unknownConditions', () => {
  it('makes every condition Unknown, with the reasons of upstream', () => {
    const conditions = unknownConditions(node('n', { Ready: 'True', DiskPressure: 'Unknown' }), epochMs + 60_000);
    const text = conditions.map(({ type, status, reason, message }) => [type, status, reason, message]);
    expect(text).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'],
      ['DiskPressure', 'Unknown', undefined, undefined],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated', 'Kubelet never posted node status.'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated', 'Kubelet never posted node status.'],
    ]);
  });
});
