import { createHmac, generateKeyPairSync } from 'node:crypto';
import { jwtKey, peekJwt, signJwt, verifyJwt } from '../../../component-base/jwt';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('JSON web tokens', () => {
  it.each([
    ['RS256', rsa],
    ['ES256', ec],
  ])('signs and verifies with %s', (algorithm, pair) => {
    const token = signJwt({ sub: 'jane' }, jwtKey(pair.privateKey));
    expect(JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: algorithm });
    expect(verifyJwt(token, [jwtKey(ec.publicKey), jwtKey(rsa.publicKey)])).toEqual({ sub: 'jane' });
  });

  it('refuses a token signed by another key', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = signJwt({ sub: 'jane' }, jwtKey(other.privateKey));
    expect(() => verifyJwt(token, [jwtKey(ec.publicKey)])).toThrow('invalid signature');
  });

  it('refuses a changed payload', () => {
    const [header, , signature] = signJwt({ sub: 'jane' }, jwtKey(rsa.privateKey)).split('.');
    const forged = [header, encode({ sub: 'root' }), signature].join('.');
    expect(() => verifyJwt(forged, [jwtKey(rsa.publicKey)])).toThrow('invalid signature');
  });

  it('refuses the algorithm none, with and without a signature', () => {
    const unsigned = `${encode({ alg: 'none' })}.${encode({ sub: 'root' })}.`;
    expect(() => verifyJwt(unsigned, [jwtKey(rsa.publicKey)])).toThrow('malformed token');
    expect(() => verifyJwt(`${unsigned}AAAA`, [jwtKey(rsa.publicKey)])).toThrow('invalid signature');
  });

  it('refuses an HMAC made with the public key as its secret', () => {
    const input = `${encode({ alg: 'HS256' })}.${encode({ sub: 'root' })}`;
    const secret = rsa.publicKey.export({ type: 'spki', format: 'pem' });
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    expect(() => verifyJwt(token, [jwtKey(rsa.publicKey)])).toThrow('invalid signature');
  });

  it('peeks at claims without trusting them', () => {
    expect(peekJwt('a.b')).toBeUndefined();
    expect(peekJwt('a.!!.c')).toBeUndefined();
    expect(peekJwt(`x.${encode({ iss: 'me' })}.y`)).toEqual({ iss: 'me' });
  });

  it('refuses keys of other types', () => {
    expect(() => jwtKey(generateKeyPairSync('ed25519').privateKey)).toThrow('must be RSA or ECDSA P-256');
    expect(() => jwtKey(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)).toThrow('must be RSA');
  });
});
