import { dropEmptyMetadata } from '../../../../apiserver/registry/before-create';

describe('dropEmptyMetadata', () => {
  it('removes maps and lists that hold nothing, and keeps the others', () => {
    const metadata = {
      name: 'a',
      labels: {},
      annotations: { note: '' },
      finalizers: [],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }],
    };
    const { name, annotations, ownerReferences } = structuredClone(metadata);
    dropEmptyMetadata(metadata);
    expect(metadata).toEqual({ name, annotations, ownerReferences });
    expect(Object.keys(metadata)).toEqual(['name', 'annotations', 'ownerReferences']);
  });
});
