import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatJoinToken, parseJoinToken, publicKeyHash } from '../../../deploy/join-token';
import { ensureAuthority } from '../../../deploy/pki';

const token = { server: '192.0.2.1:6443', bearer: 'abcdef.0123456789abcdef', caHash: 'a1'.repeat(32) };

describe('a join token', () => {
  it('is read as it was written', () => {
    const text = formatJoinToken(token);
    expect(text).toBe(`192.0.2.1:6443/abcdef.0123456789abcdef/sha256:${token.caHash}`);
    expect(parseJoinToken(` ${text}\n`)).toEqual(token);
  });

  it.each([
    '',
    'abcdef.0123456789abcdef',
    `192.0.2.1/abcdef.0123456789abcdef/sha256:${token.caHash}`,
    `192.0.2.1:6443/ABCDEF.0123456789abcdef/sha256:${token.caHash}`,
    `192.0.2.1:6443/abcdef.0123456789abcde/sha256:${token.caHash}`,
    '192.0.2.1:6443/abcdef.0123456789abcdef/sha256:00',
    `192.0.2.1:6443/abcdef.0123456789abcdef/sha256:${token.caHash}/more`,
  ])('is refused as %p', (text) => {
    expect(() => parseJoinToken(text)).toThrow('That is not a join token.');
  });

  it("carries the hash of the CA's public key as openssl and kubeadm compute it", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubelab-test-'));
    const { pem } = await ensureAuthority(folder, 'ca', 'kubernetes');
    await rm(folder, { recursive: true });
    const pipeline = 'openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -hex';
    const expected = execFileSync('sh', ['-c', pipeline], { input: pem, encoding: 'utf8' });
    expect(publicKeyHash(new X509Certificate(pem))).toBe(expected.trim().split(' ').at(-1));
  });
});
