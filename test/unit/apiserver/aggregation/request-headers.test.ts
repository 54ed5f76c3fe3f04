import {
  escapeHeaderKey,
  remoteUserHeaders,
  unescapeHeaderKey,
} from '../../../../apiserver/aggregation/request-headers';

it('names the user, and nothing that it has not', () => {
  expect(remoteUserHeaders({ name: 'jane', groups: [] })).toEqual({ 'X-Remote-User': 'jane' });
  expect(
    remoteUserHeaders({ name: 'jane', uid: '7', groups: ['a', 'b'], extra: { 'example.org/scopes': ['x', 'y'] } }),
  ).toEqual({
    'X-Remote-User': 'jane',
    'X-Remote-Uid': '7',
    'X-Remote-Group': ['a', 'b'],
    'X-Remote-Extra-example.org%2Fscopes': ['x', 'y'],
  });
});

it.each([
  ['plain', 'plain'],
  ['a/b:c', 'a%2Fb%3Ac'],
  ['100%', '100%25'],
  ['ü', '%C3%BC'],
])('escapes the key %s as %s, and back', (key, escaped) => {
  expect(escapeHeaderKey(key)).toBe(escaped);
  expect(unescapeHeaderKey(escaped)).toBe(key);
});
