import { customResourceDefinitions as definition } from '../../../../../../api/apiextensions/v1/customresourcedefinition';
import type { FieldError } from '../../../../../../api/meta/field-error';
import { formatFieldError } from '../../../../../../api/meta/field-error';
import { loadFixture } from '../../../../../support/fixtures';

type Change = (crd: any) => void;
type Row = [string, Change, string[]];

const texts = (errors: FieldError[]): string[] => errors.map((error) => formatFieldError(error));

function sample(change: Change = () => undefined): any {
  const crd = loadFixture(definition);
  change(crd);
  definition.defaults!(crd);
  definition.prepareForCreate!(crd);
  return crd;
}

const errorsWith = (change: Change): string[] => texts(definition.validate!(sample(change)));

const established: Change = (crd) => {
  crd.status = { ...crd.status, conditions: [{ type: 'Established', status: 'True' }] };
};

const secondVersion: Change = ({ spec }) => {
  const [first] = spec.versions;
  spec.versions.push({ ...structuredClone(first), name: 'v2', storage: false });
};

const webhook = (conversion: object): Change => {
  return ({ spec }) => {
    spec.conversion = { strategy: 'Webhook', webhook: conversion };
  };
};

describe('CustomResourceDefinition', () => {
  it('gets names and a conversion by default', () => {
    expect(sample().spec).toMatchObject({
      names: { plural: 'samples', singular: 'sample', kind: 'Sample', listKind: 'SampleList' },
      conversion: { strategy: 'None' },
    });
    expect(sample().status).toEqual({ storedVersions: ['v1'] });
  });

  it.each<Row>([
    ['accepts the sample', () => undefined, []],
    [
      'is named by its plural and group',
      (crd) => (crd.metadata.name = 'other.example.com'),
      ['metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'needs a group with a dot',
      (crd) => {
        crd.metadata.name = 'samples.example';
        crd.spec.group = 'example';
      },
      ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
    ],
    [
      'needs a scope',
      ({ spec }) => (spec.scope = 'Global'),
      ['spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'keeps kinds and lists apart',
      ({ spec }) => (spec.names.listKind = 'Sample'),
      ['spec.names.listKind: Invalid value: "Sample": kind and listKind may not be the same'],
    ],
    [
      'checks names',
      ({ spec }) =>
        Object.assign(spec.names, {
          shortNames: ['S'],
          categories: ['1'],
          kind: 'A_',
          singular: 'a',
          listKind: 'List',
        }),
      [
        expect.stringMatching(/^spec.names.kind: Invalid value: "A_": may have mixed case, but should otherwise/),
        expect.stringMatching(/^spec.names.shortNames\[0\]: Invalid value: "S": a DNS-1035 label/),
        expect.stringMatching(/^spec.names.categories\[0\]: Invalid value: "1": a DNS-1035 label/),
      ],
    ],
    [
      'stores one version',
      ({ spec }) => (spec.versions[0].storage = false),
      [
        expect.stringMatching(/^spec.versions: Invalid value: .*: must have exactly one version marked as storage/),
        'status.storedVersions: Invalid value: []: must have at least one stored version',
      ],
    ],
    [
      'names versions once',
      (crd) => {
        secondVersion(crd);
        crd.spec.versions[1].name = 'v1';
      },
      [expect.stringMatching(/^spec.versions: Invalid value: .*: must contain unique version names$/)],
    ],
    [
      'needs a schema',
      ({ spec }) => delete spec.versions[0].schema,
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'reports what all versions share at the top',
      (crd) => {
        crd.spec.versions[0].schema.openAPIV3Schema.properties.spec = {};
        secondVersion(crd);
      },
      [
        'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      ],
    ],
    [
      'reports what versions have for themselves there',
      (crd) => {
        secondVersion(crd);
        crd.spec.versions[1].schema.openAPIV3Schema.properties.spec = {};
      },
      [
        'spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      ],
    ],
    [
      'warns of deprecated versions alone',
      ({ spec }) => (spec.versions[0].deprecationWarning = 'old'),
      ['spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions'],
    ],
    [
      'warns in plain words',
      ({ spec }) => Object.assign(spec.versions[0], { deprecated: true, deprecationWarning: 'é\nx' }),
      [
        'spec.versions[0].deprecationWarning: Invalid value: "é\\nx": must only contain printable UTF-8 characters; non-printable character found at index 2',
      ],
    ],
    [
      'checks the paths of scale',
      ({ spec }) =>
        (spec.versions[0].subresources = {
          scale: { specReplicasPath: 'spec.a', statusReplicasPath: '.spec.b', labelSelectorPath: '.c' },
        }),
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: "spec.a": must be a simple json path starting with .',
        'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.b": should be a json path under .status',
        'spec.subresources.scale.labelSelectorPath: Invalid value: ".c": should be a json path under either .spec or .status',
      ],
    ],
    [
      'checks columns',
      ({ spec }) => (spec.versions[0].additionalPrinterColumns = [{ type: 'text', format: 'html' }]),
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].format: Invalid value: "html": must be one of byte,date,date-time,double,float,int32,int64,password',
        'spec.additionalPrinterColumns[0].JSONPath: Required value',
      ],
    ],
    [
      'checks selectable fields',
      ({ spec }) => {
        spec.versions[0].schema.openAPIV3Schema.properties.spec.properties = { a: { type: 'string' } };
        const paths = ['.spec.a', '.spec.a', '.spec', '.spec.b', ".spec['a']", 'spec'];
        spec.versions[0].selectableFields = paths.map((jsonPath) => ({ jsonPath }));
      },
      [
        'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.a"',
        'spec.selectableFields[2].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        'spec.selectableFields[3].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
        `spec.selectableFields[4].jsonPath: Invalid value: ".spec['a']": is an invalid path: array notation is not allowed`,
        'spec.selectableFields[5].jsonPath: Invalid value: "spec": is an invalid path: expected [ or . but got: spec',
      ],
    ],
    [
      'prunes',
      ({ spec }) => (spec.preserveUnknownFields = true),
      [
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
    [
      'needs a client to convert',
      webhook({}),
      [
        'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
        'spec.conversion.conversionReviewVersions: Required value',
      ],
    ],
    [
      'needs a review version that is known',
      webhook({ clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v2'] }),
      ['spec.conversion.conversionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1'],
    ],
    [
      'has no webhook without conversion',
      ({ spec }) =>
        (spec.conversion = { strategy: 'None', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } }),
      [
        'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
        'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
      ],
    ],
    [
      'asks for the approval of community groups',
      (crd) => {
        crd.metadata.name = 'samples.x.k8s.io';
        crd.spec.group = 'x.k8s.io';
      },
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
  ])('%s', (_title, change, errors) => {
    expect(errorsWith(change)).toEqual(errors);
  });

  it('warns of formats that nobody checks', () => {
    const crd = sample(({ spec }) => {
      spec.versions[0].schema.openAPIV3Schema.properties.spec.properties = {
        a: { type: 'string', format: 'date-time' },
        b: { type: 'array', items: { type: 'string', format: 'colour' } },
        c: { type: 'integer', format: 'int32' },
        d: { type: 'object', additionalProperties: { type: 'string', format: 'colour' } },
      };
    });
    expect(definition.warnings!(crd)).toEqual(['unrecognized format "colour"']);
  });

  describe('changed', () => {
    const updateErrors = (change: Change, before: Change = () => undefined): string[] => {
      const old = sample(before);
      const crd = structuredClone(old);
      change(crd);
      definition.prepareForUpdate!(crd, old);
      return texts(definition.validateUpdate!(crd, old));
    };

    it('keeps its group and plural', () => {
      expect(updateErrors(({ spec }) => (spec.names.plural = 'others'))).toEqual([
        'spec.names.plural: Invalid value: "others": field is immutable',
      ]);
    });

    it('keeps its scope and kind once it is established', () => {
      const change: Change = ({ spec }) => {
        spec.scope = 'Cluster';
        spec.names.kind = 'Other';
      };
      expect(updateErrors(change)).toEqual([]);
      expect(updateErrors(change, established)).toEqual([
        'spec.scope: Invalid value: "Cluster": field is immutable',
        'spec.names.kind: Invalid value: "Other": field is immutable',
      ]);
    });

    it('records a new storage version, and keeps versions that objects may be stored in', () => {
      const old = sample(secondVersion);
      const crd = structuredClone(old);
      crd.spec.versions[0].storage = false;
      crd.spec.versions[1].storage = true;
      crd.status = old.status;
      definition.prepareForUpdate!(crd, old);
      expect(crd.status.storedVersions).toEqual(['v1', 'v2']);
      expect(old.status.storedVersions).toEqual(['v1']);
      crd.spec.versions.shift();
      expect(texts(definition.validateUpdate!(crd, old))).toEqual([
        'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
      ]);
    });

    it('takes a broken certificate only before it is established', () => {
      const broken = webhook({
        clientConfig: { url: 'https://a', caBundle: 'YQ==' },
        conversionReviewVersions: ['v1'],
      });
      expect(errorsWith(broken)).toEqual([]);
      expect(updateErrors(broken)).toEqual([]);
      expect(updateErrors(broken, established)).toEqual([
        'spec.conversion.webhookClientConfig.caBundle: Invalid value: "YQ==": unable to load root certificates: unable to parse bytes as PEM block',
      ]);
    });

    it('checks accepted names in the status', () => {
      const crd = sample();
      crd.status.acceptedNames = { plural: 'A', kind: 'A' };
      expect(texts(definition.subresources!.status!.validateUpdate!(crd, crd))).toEqual([
        expect.stringMatching(/^status.acceptedNames.plural: Invalid value: "A"/),
      ]);
    });
  });
});
