/** Who may use the kubelet's API: RBAC on subresources of the node, as upstream's `kubelet/server/auth.go` maps paths. */
import type { IncomingMessage } from 'node:http';
import { StatusError } from '../../api/meta/status-error';
import type { DelegatedAuth } from '../../client/delegated-auth';

const verbs: Record<string, string> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

const isUnder = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** Pure: the subresource of nodes that guards a path. */
export function subresourceOf(path: string): string {
  if (isUnder(path, '/stats')) return 'stats';
  if (isUnder(path, '/metrics')) return 'metrics';
  if (isUnder(path, '/logs')) return 'log';
  if (isUnder(path, '/checkpoint')) return 'checkpoint';
  return 'proxy';
}

/** Throws 401 or 403. Health is open to everybody on the API port too, as `system:public-info-viewer` has it. */
export async function authorizeRequest(
  request: IncomingMessage,
  path: string,
  nodeName: string,
  auth: DelegatedAuth,
): Promise<void> {
  if (path === '/healthz') return;
  const user = await auth.authenticate(request);
  if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
  const verb = verbs[request.method ?? 'GET'] ?? 'get';
  const subresource = subresourceOf(path);
  const { allowed } = await auth.authorize(user, {
    resourceAttributes: { verb, group: '', version: 'v1', resource: 'nodes', subresource, name: nodeName },
  });
  if (allowed) return;
  const detail = `user=${user.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}]`;
  throw new StatusError(403, 'Forbidden', `Forbidden (${detail})`);
}
