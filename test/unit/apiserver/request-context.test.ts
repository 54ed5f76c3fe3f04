import { HttpContext } from '../../../apiserver/http-context';
import { exchangeOf } from '../../../apiserver/exchange';
import { withDryRun } from '../../../apiserver/request-context';
import { blankRequestInfo } from '../../../apiserver/request-info';
import { createLogger } from '../../../component-base/logger';
import { limitedRequest } from '../../support/limited-request';

const user = { name: 'jane', groups: [] };

it('tells a dry run of the end of its request', () => {
  const { response } = limitedRequest('DELETE', '/api/v1/namespaces/default/configmaps/a', user);
  const exchange = exchangeOf(response.req, response);
  const context = new HttpContext(user, blankRequestInfo(), exchange, createLogger('test', 0));
  const dryRun = withDryRun(context, true);
  const { signal } = dryRun;
  expect([dryRun.dryRun, context.dryRun, signal.aborted]).toEqual([true, false, false]);
  context.cancel(new Error('the client is gone'));
  expect(signal.aborted).toBe(true);
  expect(withDryRun(context, false)).toBe(context);
});
