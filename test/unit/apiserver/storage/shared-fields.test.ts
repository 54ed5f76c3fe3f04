import { SharedFields } from '../../../../apiserver/storage/shared-fields';

const entry = (manager: string, fieldsV1?: object) => ({ manager, operation: 'Update', ...(fieldsV1 && { fieldsV1 }) });

describe('SharedFields', () => {
  it('keeps fields that say the same once', () => {
    const fields = new SharedFields();
    const [a] = fields.share([entry('a', { 'f:spec': {} })]);
    const [b, c] = fields.share([entry('b', { 'f:spec': {} }), entry('c', { 'f:data': {} })]);
    expect(b!.fieldsV1).toBe(a!.fieldsV1);
    expect(b).toEqual(entry('b', { 'f:spec': {} }));
    expect(c!.fieldsV1).not.toBe(a!.fieldsV1);
  });

  it('leaves entries alone that share theirs, and what it is given as it is', () => {
    const fields = new SharedFields();
    const given = [entry('a', { 'f:spec': {} }), entry('none')];
    const shared = fields.share(Object.freeze(given.map((one) => Object.freeze(one))) as typeof given);
    expect(shared).toEqual(given);
    expect(fields.share(shared)).toBe(shared);
  });
});
