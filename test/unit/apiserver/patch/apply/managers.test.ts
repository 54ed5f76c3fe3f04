import {
  capUpdateManagers,
  encodeManagers,
  type ManagedFieldsEntry,
  managersOf,
  maxUpdateManagers,
  parseManagers,
  sameApartFromTimes,
} from '../../../../../apiserver/patch/apply/managers';

const entry = (manager: string, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-01T00:00:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:a': {} },
  ...more,
});

describe('managed fields', () => {
  it('are read and written alike: appliers first, then by time, name, version and subresource', () => {
    const entries = [
      entry('z', { operation: 'Apply' }),
      entry('b', { time: '2025-01-01T00:00:00Z' }),
      entry('a'),
      entry('a', { apiVersion: 'v2' }),
      entry('a', { apiVersion: 'v2', subresource: 'status' }),
      entry('c'),
    ];
    expect(encodeManagers(managersOf([...entries].reverse()))).toEqual(entries);
  });

  it('have fields in their order, numbers as numbers', () => {
    const fieldsV1 = {
      'f:spec': { 'f:ports': { 'k:{"port":443}': {}, 'k:{"port":80}': { 'f:port': {}, '.': {} } } },
      'f:data': { 'v:10': {}, 'v:9': {}, '.': {} },
    };
    const [written] = encodeManagers(managersOf([entry('a', { fieldsV1 })]));
    expect(JSON.stringify(written!.fieldsV1)).toBe(
      '{"f:data":{".":{},"v:9":{},"v:10":{}},"f:spec":{"f:ports":{"k:{\\"port\\":80}":{".":{},"f:port":{}},"k:{\\"port\\":443}":{}}}}',
    );
  });

  it('hold an applier once, whichever version it used', () => {
    const entries = [entry('a', { operation: 'Apply' }), entry('a', { operation: 'Apply', apiVersion: 'v2' })];
    expect(encodeManagers(managersOf(entries))).toEqual([entries[1]]);
  });

  it.each<[string, Partial<ManagedFieldsEntry>]>([
    ['without an operation', { operation: '' }],
    ['without a version', { apiVersion: '' }],
    ['of another type', { fieldsType: 'FieldsV2' }],
    ['with fields that are none', { fieldsV1: { spec: {} } }],
    ['with values in the place of fields', { fieldsV1: { 'f:spec': 1 } }],
  ])('from a client are refused %s', (_what, change) => expect(parseManagers([entry('a', change)])).toBeUndefined());

  it('from a client are brought into one form', () => {
    const parsed = parseManagers([entry('a', { fieldsV1: { 'f:ports': { 'k:{"protocol":"TCP", "port":80}': {} } } })])!;
    expect(encodeManagers(parsed)[0]!.fieldsV1).toEqual({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} } });
  });

  it('of the oldest updates are folded into one for each version', () => {
    const updates = Array.from({ length: 12 }, (_, i) =>
      entry(`m${i}`, {
        apiVersion: i === 1 ? 'v2' : 'v1',
        time: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
        fieldsV1: { [`f:${i}`]: {} },
      }),
    );
    const managers = managersOf([...updates, entry('applier', { operation: 'Apply' })]);
    capUpdateManagers(managers);
    const left = encodeManagers(managers).filter(({ operation }) => operation === 'Update');
    expect(left).toHaveLength(maxUpdateManagers);
    const old = left.filter(({ manager }) => manager === 'ancient-changes');
    expect(old).toMatchObject([
      { apiVersion: 'v1', fieldsV1: { 'f:0': {}, 'f:2': {}, 'f:3': {} }, time: updates[3]!.time },
    ]);
    expect(left.map(({ manager }) => manager)).toContain('m1');
  });

  it('are the same whatever their times', () => {
    const later = '2027-01-01T00:00:00Z';
    expect(sameApartFromTimes([entry('a'), entry('b')], [entry('b', { time: later }), entry('a')])).toBe(true);
    expect(sameApartFromTimes([entry('a')], [entry('a', { fieldsV1: {} })])).toBe(false);
    expect(
      sameApartFromTimes([entry('a', { operation: 'Apply' })], [entry('a', { operation: 'Apply', apiVersion: 'v2' })]),
    ).toBe(false);
    expect(sameApartFromTimes([entry('a')], undefined)).toBe(false);
  });
});
