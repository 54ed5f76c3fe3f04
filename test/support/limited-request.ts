/** A request as a limiter sees it, without a server around it. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { LimitedRequest } from '../../apiserver/flow-control/in-flight';
import { parseRequestInfo } from '../../apiserver/request-info';
import type { UserInfo } from '../../apiserver/request-context';

export function limitedRequest(method: string, url: string, user: UserInfo): LimitedRequest & { uids: string[] } {
  const [path = '/', search] = url.split('?');
  const query = new URLSearchParams(search);
  const uids: string[] = [];
  return {
    info: parseRequestInfo(method, path, query),
    user,
    query,
    response: new ServerResponse(new IncomingMessage(new Socket())),
    uids,
    classified: (...given) => void uids.push(...given),
  };
}
