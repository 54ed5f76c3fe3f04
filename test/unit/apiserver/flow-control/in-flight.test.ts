import { createInFlight, isLongRunning } from '../../../../apiserver/flow-control/in-flight';
import { parseRequestInfo } from '../../../../apiserver/request-info';
import { createMetrics } from '../../../../component-base/metrics';

const info = (method: string, path: string, query = '') => parseRequestInfo(method, path, new URLSearchParams(query));
const user = { name: 'jane', groups: ['system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters'] };

describe('in-flight limits', () => {
  it('bounds reads and mutations apart, and lets admins pass', () => {
    const inFlight = createInFlight(createMetrics({ process: false }), { maxReads: 1, maxMutations: 1 });
    const leave = inFlight.enter(info('GET', '/api/v1/pods'), user);
    expect(() => inFlight.enter(info('GET', '/api/v1/pods'), user)).toThrow('Too many requests');
    const leaveMutation = inFlight.enter(info('POST', '/api/v1/namespaces/a/pods'), user);
    inFlight.enter(info('GET', '/api/v1/pods'), admin)();
    leave();
    inFlight.enter(info('GET', '/version'), user)();
    leaveMutation();
  });

  it('knows the requests that last as long as their client likes', () => {
    expect(isLongRunning(info('GET', '/api/v1/pods', 'watch=1'))).toBe(true);
    expect(isLongRunning(info('GET', '/api/v1/namespaces/a/pods/b/log'))).toBe(true);
    expect(isLongRunning(info('POST', '/api/v1/namespaces/a/pods/b/exec'))).toBe(true);
    expect(isLongRunning(info('GET', '/api/v1/pods'))).toBe(false);
    expect(isLongRunning(info('GET', '/watch'))).toBe(false);
  });
});
