import { userOfHeaders } from '../../../../apiserver/authentication/request-header';

const options = {
  caPem: '',
  allowedNames: [],
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: ['X-Remote-Uid'],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: ['X-Remote-Extra-'],
};

it('reads name, uid, groups and extra', () => {
  expect(
    userOfHeaders(
      {
        'x-remote-user': ['jane'],
        'x-remote-uid': ['7'],
        'x-remote-group': ['a', 'b'],
        'x-remote-extra-example.org%2fscopes': ['x', 'y'],
        'x-remote-extra-__proto__': ['z'],
      },
      options,
    ),
  ).toEqual({
    name: 'jane',
    uid: '7',
    groups: ['a', 'b'],
    extra: Object.assign(Object.create(null), { 'example.org/scopes': ['x', 'y'], ['__proto__']: ['z'] }),
  });
});

it('knows nobody without a name', () => {
  expect(userOfHeaders({ 'x-remote-group': ['system:masters'], 'x-remote-user': [''] }, options)).toBeUndefined();
});
