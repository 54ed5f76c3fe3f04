import type { Lease } from '../../../../../api/coordination/v1/lease';
import type { Node } from '../../../../../api/core/v1/node';
import type { Stored } from '../../../../../api/meta/types';
import { ObjectStore } from '../../../../../client/object-store';
import { createLogger } from '../../../../../component-base/logger';
import { NodeMonitor } from '../../../../../controller-manager/controllers/node-lifecycle/monitor';
import { readyStatus } from '../../../../../controller-manager/controllers/node-lifecycle/node-taints';
import { epochMs, node } from '../../../../support/controller-objects';

const log = createLogger('test');
log.level = 'silent';

/** A ready node whose lease nobody renews, unless the test does. */
function start() {
  const clock = { ms: epochMs, now: () => clock.ms, after: () => () => {}, sleep: async () => {} };
  const nodeLister = new ObjectStore<Node>();
  nodeLister.set(node('n1'));
  const lease: Lease = { spec: { renewTime: '1' } };
  const monitor = new NodeMonitor({
    client: {
      updateStatus: async (_definition: unknown, changed: Stored<Node>) => (nodeLister.set(changed), changed),
      patch: async () => nodeLister.get('n1'),
    } as never,
    clock,
    log,
    recorder: { event: () => {} },
    nodeLister,
    leaseOf: () => lease,
    podsOn: () => [],
    grace: { monitorMs: 40_000, startupMs: 60_000 },
    rates: { normal: 0.1, secondary: 0.01, unhealthyThreshold: 0.55, largeClusterSize: 50 },
  });
  const checks = async (count: number): Promise<string | undefined> => {
    for (let i = 0; i < count; i++) {
      clock.ms += 5000;
      await monitor.check();
    }
    return readyStatus(nodeLister.get('n1')!);
  };
  return { clock, checks, lease };
}

describe('NodeMonitor', () => {
  it('marks a node that was silent for the grace period', async () => {
    const { checks } = start();
    expect(await checks(9)).toBe('True');
    expect(await checks(1)).toBe('Unknown');
  });

  it('holds the time that the host slept against no node', async () => {
    const { clock, checks, lease } = start();
    await checks(1);
    clock.ms += 3_600_000;
    expect(await checks(1)).toBe('True');
    lease.spec!.renewTime = '2';
    expect(await checks(9)).toBe('True');
    expect(await checks(1)).toBe('Unknown');
  });

  it('notices silence also after the clock was set back', async () => {
    const { clock, checks } = start();
    await checks(1);
    clock.ms -= 3_600_000;
    expect(await checks(9)).toBe('True');
    expect(await checks(1)).toBe('Unknown');
  });
});
