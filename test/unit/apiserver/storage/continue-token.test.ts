import { decodeContinue, encodeContinue } from '../../../../apiserver/storage/continue-token';

const token = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

it('reads what it wrote, as upstream lays it out', () => {
  const position = { revision: 7, start: 'default/web\0' };
  expect(decodeContinue(encodeContinue(position))).toEqual(position);
  expect(Buffer.from(encodeContinue(position), 'base64url').toString()).toBe(
    '{"v":"meta.k8s.io/v1","rv":7,"start":"default/web\\u0000"}',
  );
});

it.each([
  ['!!', 'continue key is not valid'],
  [token({ v: 'v2', rv: 1, start: 'a' }), 'server does not recognize this encoded version'],
  [token({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' }), 'incorrect encoded start resourceVersion'],
  [token({ v: 'meta.k8s.io/v1', rv: 1, start: '' }), 'encoded start key empty'],
  [token({ v: 'meta.k8s.io/v1', rv: 1, start: '../../secrets' }), 'continue key is not valid'],
])('refuses %s', (text, message) => {
  expect(() => decodeContinue(text)).toThrow(message);
});
