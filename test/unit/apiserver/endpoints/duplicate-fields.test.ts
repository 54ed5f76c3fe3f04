import { findDuplicateFields } from '../../../../apiserver/endpoints/duplicate-fields';

const find = (text: string): string[] => findDuplicateFields(Buffer.from(text));

describe('findDuplicateFields', () => {
  it('gives the path of each repeated key once', () => {
    expect(find('{"a":1,"b":{"c":1,"c":2,"c":3},"d":[{"e":1},{"e":1,"e":2}],"a":2}')).toEqual(['b.c', 'd[1].e', 'a']);
  });

  it('sees through escapes and odd spacing', () => {
    expect(find('{ "a" : "x\\"}" , "\\u0061" : [ ] }')).toEqual(['a']);
  });

  it.each(['{}', '[]', '1', ' {"a":true,"b":[1,2.5e3,null,"x"],"c":{"a":{}}} '])('finds none in %s', (text) => {
    expect(find(text)).toEqual([]);
  });
});
