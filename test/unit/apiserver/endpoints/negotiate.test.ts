import { bodyFormatOf, negotiateOutput } from '../../../../apiserver/endpoints/negotiate';

describe('negotiateOutput', () => {
  it('gives kubectl its table', () => {
    const accept =
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
    expect(negotiateOutput(accept, 'list')).toEqual({ format: 'json', as: 'Table', version: 'v1' });
  });

  it('falls back to JSON behind protobuf, and refuses protobuf alone', () => {
    const json = { format: 'json', version: 'v1' };
    expect(negotiateOutput('application/vnd.kubernetes.protobuf,application/json', 'object')).toEqual(json);
    expect(negotiateOutput(undefined, 'object')).toEqual(json);
    expect(negotiateOutput('*/*', 'object')).toEqual(json);
    expect(() => negotiateOutput('application/vnd.kubernetes.protobuf', 'object')).toThrow(
      'only the following media types are accepted: application/json, application/yaml',
    );
  });

  it('tells lists of metadata from single objects', () => {
    const list = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    expect(negotiateOutput(list, 'list').as).toBe('PartialObjectMetadata');
    expect(() => negotiateOutput(list, 'object')).toThrow('only the following media types');
  });

  it('respects quality and unknown groups', () => {
    expect(negotiateOutput('application/json;q=0.1, application/yaml', 'object').format).toBe('yaml');
    expect(negotiateOutput('application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'list').as).toBeUndefined();
  });
});

describe('bodyFormatOf', () => {
  it('takes JSON, YAML and protobuf, and refuses the rest', () => {
    expect(bodyFormatOf(undefined)).toBe('json');
    expect(bodyFormatOf('application/json; charset=utf-8')).toBe('json');
    expect(bodyFormatOf('application/yaml')).toBe('yaml');
    expect(bodyFormatOf('application/vnd.kubernetes.protobuf')).toBe('protobuf');
    expect(() => bodyFormatOf('text/plain')).toThrow(
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    );
  });
});
