import { isValidReference, registryOf, withDefaultTag } from '../../../../kubelet/images/image-reference';
import { credentialsFor } from '../../../../kubelet/images/pull-secrets';

const secret = (auths: Record<string, unknown>) => ({
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
});

describe('image references', () => {
  it.each([
    ['nginx', true],
    ['registry.example.com:5000/team/app:v1', true],
    ['app@sha256:' + 'a'.repeat(64), true],
    ['Not A Name', false],
    ['app:', false],
    ['UPPER/app', true],
    ['a/UPPER', false],
  ])('%s is valid: %s', (image, expected) => expect(isValidReference(image)).toBe(expected));

  it('get the default tag and registry', () => {
    expect(withDefaultTag('nginx')).toBe('nginx:latest');
    expect(withDefaultTag('host:5000/a')).toBe('host:5000/a:latest');
    expect(registryOf('library/nginx')).toBe('docker.io');
    expect(registryOf('localhost/a')).toBe('localhost');
  });
});

describe('credentialsFor', () => {
  it('finds those of the registry, the most specific first', () => {
    const auth = Buffer.from('user:pass:word').toString('base64');
    const found = credentialsFor('127.0.0.1:5000/team/app:1', [
      secret({
        '127.0.0.1:5000': { auth },
        '127.0.0.1:5000/team': { username: 'team', password: 'p' },
        'other.example.com': { auth },
      }),
    ]);
    expect(found).toEqual([
      { username: 'team', password: 'p', serveraddress: '127.0.0.1:5000/team' },
      { username: 'user', password: 'pass:word', serveraddress: '127.0.0.1:5000' },
    ]);
  });

  it('knows Docker Hub by its old names', () => {
    expect(
      credentialsFor('nginx', [secret({ 'https://index.docker.io/v1/': { username: 'u', password: 'p' } })]),
    ).toHaveLength(1);
  });

  it('survives a broken secret', () => {
    expect(
      credentialsFor('nginx', [{ type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'bm8=' } }]),
    ).toEqual([]);
  });
});
