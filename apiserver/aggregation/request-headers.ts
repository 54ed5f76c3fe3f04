/**
 * How a front proxy tells who the user is: `X-Remote-*` headers, made for extension servers here and read from other front
 * proxies by `authentication/request-header.ts`. Upstream: client-go `transport.SetAuthProxyHeaders`.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import type { UserInfo } from '../request-context';

export const userHeader = 'X-Remote-User';
export const uidHeader = 'X-Remote-Uid';
export const groupHeader = 'X-Remote-Group';
export const extraHeaderPrefix = 'X-Remote-Extra-';

export function remoteUserHeaders({ name, uid, groups, extra }: UserInfo): OutgoingHttpHeaders {
  return {
    [userHeader]: name,
    ...(uid && { [uidHeader]: uid }),
    ...(groups.length && { [groupHeader]: groups }),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [`${extraHeaderPrefix}${escapeHeaderKey(key)}`, values]),
    ),
  };
}

/** What no header name may hold, and `%` itself, percent-encoded byte by byte. */
export const escapeHeaderKey = (key: string): string =>
  [...Buffer.from(key)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+.^_`|~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** The reverse; what is no valid escape stays as it is. */
export function unescapeHeaderKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
