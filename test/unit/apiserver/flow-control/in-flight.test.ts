import { createInFlight, isLongRunning } from '../../../../apiserver/flow-control/in-flight';
import { parseRequestInfo } from '../../../../apiserver/request-info';
import { limitedRequest } from '../../../support/limited-request';

const info = (method: string, path: string, query = '') => parseRequestInfo(method, path, new URLSearchParams(query));
const user = { name: 'jane', groups: ['system:authenticated'] };
const admin = { name: 'admin', groups: ['system:masters'] };

describe('in-flight limits', () => {
  it('bounds reads and mutations apart, and lets admins pass', () => {
    const inFlight = createInFlight({ maxReads: 1, maxMutations: 1 });
    const enter = (method: string, path: string, who = user) =>
      inFlight.enter(limitedRequest(method, path, who)) as () => void;
    const leave = enter('GET', '/api/v1/pods');
    expect(() => enter('GET', '/api/v1/pods')).toThrow('Too many requests');
    const leaveMutation = enter('POST', '/api/v1/namespaces/a/pods');
    enter('GET', '/api/v1/pods', admin)();
    enter('GET', '/api/v1/pods?watch=1')();
    leave();
    enter('GET', '/version')();
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
