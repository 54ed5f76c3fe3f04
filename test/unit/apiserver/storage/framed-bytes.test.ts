import { FramedBytes } from '../../../../apiserver/storage/framed-bytes';

const make = (): FramedBytes => new FramedBytes([Buffer.from('{"a"'), Buffer.from(':1}')]);

describe('FramedBytes', () => {
  it('joins its parts', () => {
    expect(make().bytes.toString()).toBe('{"a":1}');
  });

  it.each(['ADDED', 'MODIFIED', 'DELETED'] as const)('shares its memory with the line that says %s', (type) => {
    const framed = make();
    const line = framed.line(type);
    expect(line.toString()).toBe(`{"type":"${type}","object":{"a":1}}\n`);
    expect(line.buffer).toBe(framed.bytes.buffer);
    expect(framed.line(type)).toBe(line);
    expect(framed.bytes.toString()).toBe('{"a":1}');
  });

  it('leaves what was handed out as it is when another type is asked for', () => {
    const framed = make();
    const added = framed.line('ADDED');
    const deleted = framed.line('DELETED');
    expect(deleted.toString()).toBe('{"type":"DELETED","object":{"a":1}}\n');
    expect(framed.line('DELETED')).toBe(deleted);
    expect(added.toString()).toBe('{"type":"ADDED","object":{"a":1}}\n');
  });
});
