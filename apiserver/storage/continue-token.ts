/** The opaque token of a paged list: revision and start key, as upstream's `storage/continue.go` encodes them. */
import { newBadRequest } from '../../api/meta/status-error';

const version = 'meta.k8s.io/v1';

export interface ContinuePosition {
  /** -1: go on at the current revision, giving up consistency. */
  revision: number;
  /** The first key of the next page, relative to the listed prefix. */
  start: string;
}

export const encodeContinue = ({ revision, start }: ContinuePosition): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url');

const invalid = (detail: string): Error => newBadRequest(`invalid continue token: continue key is not valid${detail}`);

/** Throws BadRequest for what we did not make. */
export function decodeContinue(token: string): ContinuePosition {
  let decoded: { v?: unknown; rv?: unknown; start?: unknown } | null;
  try {
    decoded = JSON.parse(Buffer.from(token, 'base64url').toString()) as typeof decoded;
  } catch {
    throw invalid('');
  }
  if (decoded?.v !== version) throw invalid(': server does not recognize this encoded version');
  const { rv, start } = decoded;
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < -1) {
    throw invalid(`: incorrect encoded start resourceVersion (version ${version})`);
  }
  if (typeof start !== 'string' || !start) throw invalid(`: encoded start key empty (version ${version})`);
  if (`/${start}`.includes('/../') || start.startsWith('/')) throw invalid('');
  return { revision: rv, start };
}
