/** A small type with each way of merging, for tests of the algebra. */
import type { Schema } from '../../../../../api/schema/schema';
import { createTypes } from '../../../../../apiserver/patch/apply/type-schema';

const item: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    protocol: { type: 'string', default: 'TCP' },
    value: { type: 'integer', format: 'int32' },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  },
};

export const sampleSchema: Schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    number: { type: 'integer', format: 'int32' },
    flag: { type: 'boolean' },
    either: { type: 'string', format: 'int-or-string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    selector: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
    struct: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    items: {
      type: 'array',
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'protocol'],
    },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    atomic: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' },
    any: { 'x-kubernetes-preserve-unknown-fields': true },
  },
};

export const sampleType = createTypes({ resolve: () => undefined, structs: false })(sampleSchema);
