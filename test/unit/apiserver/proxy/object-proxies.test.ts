import { parseProxyName, prefixOf, requireProxyable } from '../../../../apiserver/proxy/object-proxies';

describe('parseProxyName', () => {
  it.each([
    ['web', { scheme: '', name: 'web', port: '' }],
    ['web:8080', { scheme: '', name: 'web', port: '8080' }],
    ['web:', { scheme: '', name: 'web', port: '' }],
    ['https:web:443', { scheme: 'https', name: 'web', port: '443' }],
    ['http:web:', { scheme: 'http', name: 'web', port: '' }],
  ])('reads %s', (text, parsed) => {
    expect(parseProxyName(text)).toEqual(parsed);
  });

  it.each(['ftp:web:21', 'http:web:80:90', ':80', 'http::80', ''])('refuses %p', (text) => {
    expect(() => parseProxyName(text)).toThrow('invalid proxy request');
  });
});

describe('requireProxyable', () => {
  it.each(['10.244.0.7', '192.168.1.1', 'fd00::1', '::ffff:10.0.0.1'])('lets %s pass', (address) => {
    expect(requireProxyable(address)).toBe(address);
  });

  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '224.0.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    'localhost',
    '',
  ])('refuses %p', (address) => {
    expect(() => requireProxyable(address)).toThrow('address not allowed');
  });
});

describe('prefixOf', () => {
  it.each([
    ['/api/v1/namespaces/ns/pods/web/proxy/a/b', '/a/b'],
    ['/api/v1/namespaces/ns/pods/web/proxy/a/b/', '/a/b/'],
    ['/api/v1/namespaces/ns/pods/web/proxy/', ''],
    ['/api/v1/namespaces/ns/pods/web/proxy', ''],
  ])('of %s ends with the subresource', (path, tail) => {
    expect(prefixOf(path, tail)).toBe('/api/v1/namespaces/ns/pods/web/proxy');
  });
});
