import { compare } from '../../../../../apiserver/patch/apply/compare';
import { merge } from '../../../../../apiserver/patch/apply/merge';
import { removeFields } from '../../../../../apiserver/patch/apply/remove';
import { toFieldSet, withAtomicsWhole, withNamedFields } from '../../../../../apiserver/patch/apply/to-field-set';
import { validateConfig } from '../../../../../apiserver/patch/apply/validate';
import { sampleType } from './sample-type';

const key = (name: string, protocol = 'TCP'): string => `k:{"name":"${name}","protocol":"${protocol}"}`;

describe('merge', () => {
  it.each<[string, object, object, object]>([
    ['puts scalars over scalars', { text: 'a', number: 1 }, { text: 'b' }, { text: 'b', number: 1 }],
    ['merges maps', { labels: { a: '1' } }, { labels: { b: '2' } }, { labels: { a: '1', b: '2' } }],
    ['replaces atomic maps', { selector: { a: '1' } }, { selector: { b: '2' } }, { selector: { b: '2' } }],
    ['replaces atomic lists', { atomic: ['a'] }, { atomic: ['b'] }, { atomic: ['b'] }],
    ['adds to sets', { set: ['a', 'b'] }, { set: ['c', 'a'] }, { set: ['c', 'a', 'b'] }],
    [
      'merges entries by their keys',
      { items: [{ name: 'a', value: 1 }, { name: 'b' }] },
      { items: [{ name: 'a', protocol: 'TCP', tags: ['x'] }] },
      { items: [{ name: 'a', value: 1, protocol: 'TCP', tags: ['x'] }, { name: 'b' }] },
    ],
    [
      'tells entries apart by all keys',
      { items: [{ name: 'a', protocol: 'UDP' }] },
      { items: [{ name: 'a' }] },
      { items: [{ name: 'a', protocol: 'UDP' }, { name: 'a' }] },
    ],
    [
      'orders as the configuration does, with others in their places',
      { items: [{ name: 'a' }, { name: 'x' }, { name: 'b' }, { name: 'c' }] },
      { items: [{ name: 'c' }, { name: 'a' }] },
      { items: [{ name: 'x' }, { name: 'b' }, { name: 'c' }, { name: 'a' }] },
    ],
    [
      'makes one of an entry that is there twice',
      { items: [{ name: 'a', value: 1 }, { name: 'b' }, { name: 'a', value: 2 }] },
      { items: [{ name: 'a', value: 3 }] },
      { items: [{ name: 'a', value: 3 }, { name: 'b' }] },
    ],
    [
      'keeps an entry that is there twice where it is not applied',
      {
        items: [
          { name: 'a', value: 1 },
          { name: 'a', value: 2 },
        ],
      },
      { items: [{ name: 'b' }] },
      { items: [{ name: 'a', value: 1 }, { name: 'a', value: 2 }, { name: 'b' }] },
    ],
    [
      'merges maps and replaces lists where there is no schema',
      { any: { a: { b: 1 }, l: [1] } },
      { any: { a: { c: 2 }, l: [2] } },
      { any: { a: { b: 1, c: 2 }, l: [2] } },
    ],
    ['replaces a form by another', { any: { a: 1 } }, { any: 'x' }, { any: 'x' }],
    ['does not remove by null', { labels: { a: '1' } }, { labels: null }, { labels: { a: '1' } }],
  ])('%s', (_what, live, config, merged) => {
    const before = JSON.stringify([live, config]);
    expect(merge(sampleType, live, config)).toEqual(merged);
    expect(JSON.stringify([live, config])).toBe(before);
  });
});

describe('compare', () => {
  it.each<[string, object, object, object]>([
    ['finds nothing in equal values', { text: 'a', items: [{ name: 'a' }] }, { items: [{ name: 'a' }], text: 'a' }, {}],
    [
      'tells added, modified and removed',
      { text: 'a', number: 1 },
      { text: 'b', flag: true },
      { added: { 'f:flag': {} }, modified: { 'f:text': {} }, removed: { 'f:number': {} } },
    ],
    [
      'tells the whole of a new map',
      {},
      { labels: { a: '1' }, selector: { a: '1' } },
      { added: { 'f:labels': { '.': {}, 'f:a': {} }, 'f:selector': {} } },
    ],
    [
      'does not see a new order of entries',
      { items: [{ name: 'a' }, { name: 'b' }], set: ['a', 'b'] },
      { items: [{ name: 'b' }, { name: 'a' }], set: ['b', 'a'] },
      {},
    ],
    [
      'looks into entries',
      { items: [{ name: 'a', value: 1 }, { name: 'b' }] },
      { items: [{ name: 'a', value: 2 }, { name: 'c' }] },
      {
        added: { 'f:items': { [key('c')]: { '.': {}, 'f:name': {} } } },
        modified: { 'f:items': { [key('a')]: { 'f:value': {} } } },
        removed: { 'f:items': { [key('b')]: { '.': {}, 'f:name': {} } } },
      },
    ],
    [
      'takes an entry that is there twice as one',
      { items: [{ name: 'a', value: 1 }] },
      {
        items: [
          { name: 'a', value: 1 },
          { name: 'a', value: 2 },
        ],
      },
      { modified: { 'f:items': { [key('a')]: {} } } },
    ],
    [
      'tells a change of form',
      { any: { a: 1 } },
      { any: 'x' },
      { modified: { 'f:any': {} }, removed: { 'f:any': { 'f:a': {} } } },
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(compare(sampleType, before, after)).toEqual({ added: {}, modified: {}, removed: {}, ...expected });
  });
});

describe('the fields of a configuration', () => {
  it('are leaves, entries and members of maps', () => {
    const config = {
      text: 'a',
      labels: { a: '1' },
      struct: { a: 'x' },
      selector: { a: '1' },
      items: [{ name: 'a', tags: ['x'] }],
      any: { deep: { er: 1 }, list: [1] },
    };
    const fields = {
      'f:text': {},
      'f:labels': { 'f:a': {} },
      'f:struct': { 'f:a': {} },
      'f:selector': {},
      'f:items': { [key('a')]: { '.': {}, 'f:name': {}, 'f:tags': { 'v:"x"': {} } } },
      'f:any': { 'f:deep': { '.': {}, 'f:er': {} }, 'f:list': {} },
    };
    expect(toFieldSet(sampleType, config)).toEqual(fields);
    expect(withNamedFields(sampleType, fields)).toMatchObject({
      'f:labels': { '.': {}, 'f:a': {} },
      'f:struct': { '.': {}, 'f:a': {} },
    });
  });

  it('hold nulls and empty maps', () => {
    expect(toFieldSet(sampleType, { labels: {}, text: null, items: [] })).toEqual({ 'f:labels': {}, 'f:text': {} });
  });

  it('are whole where the schema became atomic', () => {
    const before = {
      'f:selector': { '.': {}, 'f:a': {} },
      'f:atomic': { 'v:"a"': {} },
      'f:labels': { 'f:a': {} },
      'f:any': { 'f:list': { 'k:{"a":1}': {} } },
    };
    const after = { ...before, 'f:selector': {}, 'f:atomic': {} };
    expect(withAtomicsWhole(sampleType, before)).toEqual(after);
    expect(withAtomicsWhole(sampleType, after)).toBe(after);
  });

  it('are taken out, with what is left empty by it', () => {
    const value = {
      text: 'a',
      labels: { a: '1' },
      items: [{ name: 'a' }, { name: 'b' }],
      set: ['x', 'y'],
      atomic: ['z'],
    };
    const rest = removeFields(sampleType, value, {
      'f:labels': { 'f:a': {} },
      'f:items': { [key('a')]: {} },
      'f:set': { 'v:"x"': {} },
      'f:absent': {},
    });
    expect(rest).toEqual({ text: 'a', items: [{ name: 'b' }], set: ['y'], atomic: ['z'] });
    expect(removeFields(sampleType, { text: 'a' }, { 'f:text': {} })).toBeUndefined();
  });
});

describe('validateConfig', () => {
  it.each([
    [{ texd: 1 }, '.texd: field not declared in schema'],
    [{ text: 1 }, '.text: expected string, got &value.valueUnstructured{Value:1}'],
    [{ number: 'x' }, '.number: expected numeric (int or float), got string'],
    [{ flag: 'x' }, '.flag: expected boolean, got &{x}'],
    [{ struct: [1] }, '.struct: expected map, got &{[1]}'],
    [{ set: { a: 1 } }, '.set: expected list, got &{map[a:1]}'],
    [{ set: ['a', 'a'] }, '.set: duplicate entries for key [="a"]'],
    [{ items: [{ name: 'a' }, { name: 'a' }] }, '.items: duplicate entries for key [name="a",protocol="TCP"]'],
    [
      { items: [{ value: 1 }] },
      '.items: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    ],
    [{ items: [{ name: 'a', x: 1 }] }, '.items[name="a",protocol="TCP"].x: field not declared in schema'],
  ])('of %j', (config, message) => expect(validateConfig(sampleType, config)).toEqual([message]));

  it('takes what fits, null, and anything where there is no schema', () => {
    expect(validateConfig(sampleType, { text: null, either: 1, any: { x: [1] }, labels: null, set: null })).toEqual([]);
  });
});
