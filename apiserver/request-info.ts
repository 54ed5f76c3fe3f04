/**
 * Turns a method and a URL into the verb and resource a request is about. Upstream: apiserver
 * `pkg/endpoints/request/requestinfo.go`.
 */
import { newBadRequest } from '../api/meta/status-error';
import type { RequestInfo } from './request-context';

const verbOfMethod: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Path prefixes that stand for a verb: `/api/v1/watch/pods`. */
const specialVerbs: ReadonlySet<string> = new Set(['proxy', 'watch']);
/** What follows a namespace's name and is still about the namespace. */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** A query flag as Go's conversion reads it: present and empty counts as true, `0` and `false` as false. */
export const isTrue = (value: string | null): boolean =>
  value !== null && value.toLowerCase() !== 'false' && value !== '0';

/** True for paths below `/api/<version>/` and `/apis/<group>/<version>/`, which the terminal handler serves. */
export function isResourcePath(path: string): boolean {
  if (path.startsWith('/api/')) return path.indexOf('/', 5) > 0 && path.indexOf('/', 5) < path.length - 1;
  if (!path.startsWith('/apis/')) return false;
  const version = path.indexOf('/', 6);
  const resource = version < 0 ? -1 : path.indexOf('/', version + 1);
  return resource > 0 && resource < path.length - 1;
}

/** What is known of a request before its path is read. */
export const blankRequestInfo = (path = '', verb = ''): RequestInfo => ({
  isResourceRequest: false,
  path,
  verb,
  apiPrefix: '',
  apiGroup: '',
  apiVersion: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  parts: [],
});

/** `path` is the still encoded path without query. Throws BadRequest for a path that names no resource. */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const info = blankRequestInfo(path, method.toLowerCase());
  let parts = splitPath(path);
  if (!isResourcePath(path) || parts.length < 3) return info;
  info.apiPrefix = parts[0]!;
  parts = parts.slice(1);
  if (info.apiPrefix === 'apis') {
    if (parts.length < 3) return info;
    info.apiGroup = parts[0]!;
    parts = parts.slice(1);
  }
  info.isResourceRequest = true;
  info.apiVersion = parts[0]!;
  parts = parts.slice(1);

  if (specialVerbs.has(parts[0]!)) {
    if (parts.length < 2) throw newBadRequest(`unable to determine kind and namespace from url, ${path}`);
    info.verb = parts[0]!;
    parts = parts.slice(1);
  } else {
    info.verb = verbOfMethod[method] ?? '';
  }

  if (parts[0] === 'namespaces' && parts.length > 1) {
    info.namespace = parts[1]!;
    if (parts.length > 2 && !namespaceSubresources.has(parts[2]!)) parts = parts.slice(2);
  }

  info.parts = parts;
  info.resource = parts[0] ?? '';
  info.name = parts[1] ?? '';
  if (info.verb !== 'proxy') info.subresource = parts[2] ?? '';

  const fieldSelector = query.get('fieldSelector');
  if (!info.name && info.verb === 'get') info.verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  if (!info.name && info.verb === 'delete') info.verb = 'deletecollection';
  if (!info.name && (info.verb === 'list' || info.verb === 'watch' || info.verb === 'deletecollection')) {
    // A selector of one name makes it a request about that name, so that authorizers can allow just that.
    if (fieldSelector && info.verb !== 'deletecollection') info.name = exactName(fieldSelector) ?? '';
    const labelSelector = query.get('labelSelector');
    if (labelSelector) info.labelSelector = labelSelector;
    if (fieldSelector) info.fieldSelector = fieldSelector;
  }
  return info;
}

function splitPath(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (!path.includes('%')) return parts;
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch (cause) {
    throw Object.assign(newBadRequest(`invalid URL escape in ${JSON.stringify(path)}`), { cause });
  }
}

/** The name that `metadata.name=x` requires, if it is a valid path segment. */
function exactName(fieldSelector: string): string | undefined {
  for (const term of fieldSelector.split(',')) {
    const match = /^\s*metadata\.name\s*==?\s*([^\s=!]+)\s*$/.exec(term);
    const name = match?.[1];
    if (name && name !== '.' && name !== '..' && !/[/%]/.test(name)) return name;
  }
  return undefined;
}
