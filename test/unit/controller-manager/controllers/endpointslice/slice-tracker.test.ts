import { SliceTracker } from '../../../../../controller-manager/controllers/endpointslice/slice-tracker';
import type { EndpointSlice } from '../../../../../api/discovery/v1/endpointslice';
import { listerOf, stored } from '../../../../support/controller-objects';

const key = 'default/web';

const slice = (resourceVersion: string) =>
  stored<EndpointSlice>({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name: 'web-1', resourceVersion },
    addressType: 'IPv4',
    endpoints: [],
  });

const { uid } = slice('1').metadata;

describe('the slice tracker', () => {
  it('waits until the cache has what was written', () => {
    const tracker = new SliceTracker();
    tracker.wrote(key, slice('7'));
    expect(tracker.isStale(key, listerOf<EndpointSlice>([]))).toBe(true);
    expect(tracker.isStale(key, listerOf([slice('6')]))).toBe(true);
    expect(tracker.isStale(key, listerOf([slice('7')]))).toBe(false);
    expect(tracker.isStale(key, listerOf<EndpointSlice>([]))).toBe(false);
  });

  it('waits for no slice that somebody deleted', () => {
    const tracker = new SliceTracker();
    tracker.wrote(key, slice('7'));
    tracker.forgetSlice(key, uid);
    expect(tracker.isStale(key, listerOf<EndpointSlice>([]))).toBe(false);
  });

  it('waits for no slice whose end was seen before the answer to its write', () => {
    const tracker = new SliceTracker();
    expect(tracker.isStale(key, listerOf<EndpointSlice>([]))).toBe(false);
    tracker.forgetSlice(key, uid);
    tracker.wrote(key, slice('7'));
    expect(tracker.isStale(key, listerOf<EndpointSlice>([]))).toBe(false);
  });
});
