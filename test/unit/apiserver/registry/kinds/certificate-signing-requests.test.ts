import {
  createCertificateSigningRequestHooks,
  fillConditionTimes,
} from '../../../../../apiserver/registry/kinds/certificate-signing-requests';
import { createTestLoopback } from '../../../../support/loopback';

describe('certificate signing requests', () => {
  it('carry who asked, not who they claim to be from', async () => {
    const loopback = createTestLoopback();
    const request = {
      spec: { request: '', signerName: 's/x', username: 'root', groups: ['system:masters'], uid: '0' },
    };
    const hooks = createCertificateSigningRequestHooks(loopback.clock);
    await hooks.beginCreate!(loopback.contextOf({ name: 'jane', groups: ['dev'] }), request);
    expect(request.spec).toEqual({ request: '', signerName: 's/x', username: 'jane', groups: ['dev'] });
  });

  it('get the times of new conditions, and keep those of old ones', () => {
    const old = [{ type: 'Approved', status: 'True', lastUpdateTime: 'a', lastTransitionTime: 'b' }];
    const conditions = [
      { type: 'Approved', status: 'True' },
      { type: 'Failed', status: 'True', lastUpdateTime: 'c' },
    ];
    fillConditionTimes(conditions, old, 'now');
    expect(conditions).toEqual([
      { type: 'Approved', status: 'True', lastUpdateTime: 'now', lastTransitionTime: 'b' },
      { type: 'Failed', status: 'True', lastUpdateTime: 'c', lastTransitionTime: 'now' },
    ]);
  });
});
