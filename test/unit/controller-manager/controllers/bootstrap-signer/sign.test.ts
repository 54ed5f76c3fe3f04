import { createHmac } from 'node:crypto';
import type { Secret } from '../../../../../api/core/v1/secret';
import { signedData } from '../../../../../controller-manager/controllers/bootstrap-signer/sign';
import { at, epochMs } from '../../../../support/controller-objects';

const token = (changes: Record<string, string> = {}): Secret => ({
  metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
  data: Object.fromEntries(
    Object.entries({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...changes,
    }).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
});
const names = (...tokens: Secret[]): string[] => Object.keys(signedData({ kubeconfig: 'x' }, tokens, epochMs + 60_000));

describe('signedData', () => {
  it('signs with the token’s secret, detached', () => {
    const jws = signedData({ kubeconfig: 'content' }, [token()], epochMs)['jws-kubeconfig-abcdef'] ?? '';
    const [header, content, signature] = jws.split('.');
    expect(JSON.parse(Buffer.from(header ?? '', 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'abcdef' });
    expect(content).toBe('');
    const signed = `${header}.${Buffer.from('content').toString('base64url')}`;
    expect(signature).toBe(createHmac('sha256', '0123456789abcdef').update(signed).digest('base64url'));
  });
  it('leaves out tokens that may not sign, have expired or are malformed', () => {
    expect(names(token())).toEqual(['kubeconfig', 'jws-kubeconfig-abcdef']);
    expect(names(token({ 'usage-bootstrap-signing': 'false' }))).toEqual(['kubeconfig']);
    expect(names(token({ expiration: at(30) }))).toEqual(['kubeconfig']);
    expect(names(token({ 'token-secret': 'short' }))).toEqual(['kubeconfig']);
    expect(names(token({ 'token-id': 'other1' }))).toEqual(['kubeconfig']);
  });
  it('drops signatures of tokens that are gone', () => {
    expect(signedData({ kubeconfig: 'x', 'jws-kubeconfig-gone00': 'y' }, [], 0)).toEqual({ kubeconfig: 'x' });
  });
});
