import type { PodStatus } from '../../../../api/core/v1/pod';
import { statusPatch } from '../../../../kubelet/pods/status-patch';

const target = (status: PodStatus) =>
  ({ metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '1' }, status }) as never;

describe('statusPatch', () => {
  it('is nothing when the API has it all', () => {
    const status: PodStatus = { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] };
    expect(statusPatch(target(status), { ...status })).toBeUndefined();
  });

  it('sends what changed, with the uid as precondition, and null for what is gone', () => {
    const patch = statusPatch(target({ phase: 'Pending', reason: 'Old', qosClass: 'Burstable' }), { phase: 'Running' });
    expect(patch).toEqual({ metadata: { uid: 'u1' }, status: { phase: 'Running', reason: null } });
  });

  it('replaces addresses instead of adding to them', () => {
    const patch = statusPatch(target({ podIPs: [{ ip: '10.0.0.1' }] }), { podIPs: [{ ip: '10.0.0.2' }] });
    expect(patch?.status['podIPs']).toEqual([{ ip: '10.0.0.2' }, { $patch: 'replace' }]);
  });

  it('takes back the conditions of a resize that is over, and no others', () => {
    const old: PodStatus = {
      conditions: [
        { type: 'PodResizeInProgress', status: 'True' },
        { type: 'Other', status: 'True' },
      ],
    };
    expect(statusPatch(target(old), { conditions: [] })?.status).toEqual({
      conditions: [{ $patch: 'delete', type: 'PodResizeInProgress' }],
    });
  });

  it('sends only its own changed conditions and clears their old reason', () => {
    const old: PodStatus = {
      conditions: [
        { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'm' },
        { type: 'Initialized', status: 'True' },
        { type: 'Other', status: 'True' },
      ],
    };
    const next: PodStatus = {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Initialized', status: 'True' },
      ],
    };
    expect(statusPatch(target(old), next)?.status).toEqual({
      conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }],
    });
  });

  it("tells of its own disruptions, and takes back nobody's", () => {
    const own = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: 'low' };
    const others = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
    expect(statusPatch(target({}), { conditions: [own] })?.status).toEqual({ conditions: [own] });
    expect(statusPatch(target({}), { conditions: [others] })).toBeUndefined();
    expect(statusPatch(target({ conditions: [others] }), { conditions: [] })).toBeUndefined();
  });
});
