import { applyJsonPatch } from '../../../../apiserver/patch/json-patch';

const current = { metadata: { labels: { app: 'web' } }, list: [1, 2], 'a/b': 1 };

describe('applyJsonPatch', () => {
  it.each([
    [[{ op: 'add', path: '/metadata/labels/tier', value: 'x' }], { metadata: { labels: { app: 'web', tier: 'x' } } }],
    [[{ op: 'remove', path: '/metadata/labels' }], { metadata: {} }],
    [[{ op: 'add', path: '/list/-', value: 3 }], { list: [1, 2, 3] }],
    [[{ op: 'replace', path: '/a~1b', value: 2 }], { 'a/b': 2 }],
    [[{ op: 'move', from: '/list/0', path: '/list/1' }], { list: [2, 1] }],
    [[{ op: 'copy', from: '/list', path: '/copy' }], { copy: [1, 2] }],
    [[{ op: 'test', path: '/metadata/labels/app', value: 'web' }], {}],
  ])('%j', (patch, expected) => {
    expect(applyJsonPatch(current, patch)).toEqual({ ...current, ...expected });
    expect(current).toEqual({ metadata: { labels: { app: 'web' } }, list: [1, 2], 'a/b': 1 });
  });

  it.each([
    [[{ op: 'remove', path: '/missing' }]],
    [[{ op: 'replace', path: '/missing', value: 1 }]],
    [[{ op: 'add', path: '/missing/child', value: 1 }]],
    [[{ op: 'add', path: '/list/9', value: 1 }]],
    [[{ op: 'test', path: '/metadata/labels/app', value: 'db' }]],
    [[{ op: 'wipe', path: '/list' }]],
    [[null]],
    [['text']],
  ])('answers 422 for %j', (patch) => {
    expect(() => applyJsonPatch(current, patch)).toThrow(
      expect.objectContaining({
        code: 422,
        message: 'the server rejected our request due to an error in our request',
      }) as Error,
    );
  });

  it('tells logs which operation failed and why, and nothing of what the object holds', () => {
    let failure: unknown;
    try {
      applyJsonPatch({ data: { password: 'hidden' } }, [{ op: 'replace', path: '/missing', value: 'hidden too' }]);
    } catch (error) {
      failure = (error as Error).cause;
    }
    expect(failure).toMatchObject({
      message: 'operation 0: Cannot perform the operation at a path that does not exist',
    });
  });

  it('refuses what is no list, and too long a list', () => {
    expect(() => applyJsonPatch(current, {})).toThrow(
      'json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    );
    const many = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: 1 }));
    expect(() => applyJsonPatch(current, many)).toThrow(
      'The allowed maximum operations in a JSON patch is 10000, got 10001',
    );
  });

  it('refuses chains of copies that grow without bound', () => {
    const start = { a0: 'x'.repeat(100_000) };
    const copies = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '', path: `/a${i + 1}` }));
    expect(() => applyJsonPatch(start, copies)).toThrow(expect.objectContaining({ code: 422 }) as Error);
  });

  it.each(['/__proto__/x', '/constructor/prototype/x', '/metadata/prototype'])('refuses the path %s', (path) => {
    expect(() => applyJsonPatch(current, [{ op: 'add', path, value: 1 }])).toThrow('which is not allowed');
    expect(() => applyJsonPatch(current, [{ op: 'copy', from: path, path: '/x' }])).toThrow('which is not allowed');
  });
});
