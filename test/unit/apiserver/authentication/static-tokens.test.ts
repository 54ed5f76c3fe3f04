import { parseTokenFile } from '../../../../apiserver/authentication/static-tokens';

describe('token file', () => {
  it('reads users, uids and quoted groups', () => {
    const users = parseTokenFile('t1,jane,1\n\nt2,"doe, john",2,"a,b"\n,nobody,3\n');
    expect([...users]).toEqual([
      ['t1', { name: 'jane', uid: '1', groups: [] }],
      ['t2', { name: 'doe, john', uid: '2', groups: ['a', 'b'] }],
    ]);
  });

  it('refuses lines that are too short', () => {
    expect(() => parseTokenFile('t1,jane')).toThrow('at least 3 columns');
  });
});
