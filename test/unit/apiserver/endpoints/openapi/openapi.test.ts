import { parse } from 'protobufjs';
import { parse as parseYaml } from 'yaml';
import { resources } from '../../../../../api/resources';
import { buildOpenApiV2, buildOpenApiV3 } from '../../../../../apiserver/endpoints/openapi/documents';
import { negotiateV2 } from '../../../../../apiserver/endpoints/openapi/routes';

const v3 = buildOpenApiV3(resources);
const v2 = buildOpenApiV2(resources);
const read = (document: { bytes: Buffer } | undefined): any => JSON.parse(document!.bytes.toString());

/** The part of gnostic's OpenAPIv2.proto that is written. */
const gnostic = parse(`
  syntax = "proto3";
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }
  message Document { string swagger = 1; Info info = 2; Paths paths = 8; Definitions definitions = 9; }
  message Info { string title = 1; string version = 2; }
  message Paths { repeated NamedPathItem path = 2; }
  message NamedPathItem { string name = 1; PathItem value = 2; }
  message PathItem { Operation get = 2; Operation put = 3; Operation post = 4; Operation delete = 5; Operation patch = 8; repeated ParametersItem parameters = 9; }
  message Operation { repeated string tags = 1; string description = 3; string operation_id = 5; repeated string produces = 6; repeated string consumes = 7; repeated ParametersItem parameters = 8; Responses responses = 9; repeated NamedAny vendor_extension = 13; }
  message ParametersItem { Parameter parameter = 1; }
  message Parameter { BodyParameter body_parameter = 1; NonBodyParameter non_body_parameter = 2; }
  message BodyParameter { string name = 2; string in = 3; bool required = 4; Schema schema = 5; }
  message NonBodyParameter { Query query = 3; Path path = 4; }
  message Query { bool required = 1; string in = 2; string description = 3; string name = 4; string type = 6; bool unique_items = 20; }
  message Path { bool required = 1; string in = 2; string description = 3; string name = 4; string type = 5; bool unique_items = 19; }
  message Responses { repeated NamedResponse response_code = 1; }
  message NamedResponse { string name = 1; ResponseValue value = 2; }
  message ResponseValue { Response response = 1; }
  message Response { string description = 1; SchemaItem schema = 2; }
  message SchemaItem { Schema schema = 1; }
  message Definitions { repeated NamedSchema additional_properties = 1; }
  message NamedSchema { string name = 1; Schema value = 2; }
  message Schema { string _ref = 1; string format = 2; string description = 4; repeated string required = 19; AdditionalProperties additional_properties = 21; TypeItem type = 22; Items items = 23; Definitions properties = 25; repeated NamedAny vendor_extension = 31; }
  message AdditionalProperties { Schema schema = 1; }
  message TypeItem { repeated string value = 1; }
  message Items { repeated Schema schema = 1; }
`).root.lookupType('Document');

describe('OpenAPI v3', () => {
  it('lists a document per group and version, with the hash of its content in the URL', () => {
    const { paths } = read(v3.index());
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/events.k8s.io/v1']));
    const { etag } = v3.document('apis/apps/v1')!;
    expect(paths['apis/apps/v1']).toEqual({ serverRelativeURL: `/openapi/v3/apis/apps/v1?hash=${etag}` });
    expect(v3.document('apis/none/v1')).toBeUndefined();
  });

  it('describes operations with their kind, action and parameters', () => {
    const { paths } = read(v3.document('apis/apps/v1'));
    const item = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'];
    expect(item.patch).toMatchObject({
      operationId: 'patchAppsV1NamespacedDeployment',
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' },
    });
    const names = item.patch.parameters.map((parameter: { name: string }) => parameter.name);
    expect(names).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(paths['/apis/apps/v1/deployments'].get.operationId).toBe('listAppsV1DeploymentForAllNamespaces');
    expect(paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'].put).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    });
  });

  it('has operation ids that are unique', () => {
    const ids = Object.values<any>(read(v3.document('api/v1')).paths).flatMap((item) =>
      Object.values<any>(item).flatMap((operation) => operation.operationId ?? []),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('carries the schemas it needs and no others, with merge keys beside allOf references', () => {
    const { schemas } = read(v3.document('apis/apps/v1')).components;
    expect(schemas).not.toHaveProperty(['io.k8s.api.core.v1.Node']);
    const spec = schemas['io.k8s.api.core.v1.PodSpec'].properties;
    expect(spec.containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
    });
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec'].properties.strategy).toEqual({
      description: 'DeploymentStrategy describes how to replace existing pods with new ones.',
      default: {},
      'x-kubernetes-patch-strategy': 'retainKeys',
      allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' }],
    });
    for (const [, target] of JSON.stringify(schemas).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(schemas).toHaveProperty([target!]);
    }
  });
});

describe('OpenAPI v2', () => {
  it('holds all groups in one document', () => {
    const document = read(v2.json());
    expect(document.swagger).toBe('2.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/v1/nodes', '/apis/apps/v1/namespaces/{namespace}/replicasets']),
    );
    expect(document.definitions['io.k8s.api.core.v1.Pod']['x-kubernetes-group-version-kind']).toEqual([
      { group: '', version: 'v1', kind: 'Pod' },
    ]);
  });

  it('says the same in protobuf', () => {
    const json = read(v2.json());
    const decoded: any = gnostic.toObject(gnostic.decode(v2.protobuf().bytes));
    expect(decoded.swagger).toBe('2.0');
    expect(decoded.info).toEqual(json.info);
    expect(decoded.paths.path.map((path: { name: string }) => path.name)).toEqual(Object.keys(json.paths));
    const path = decoded.paths.path.find((item: { name: string }) => item.name === '/api/v1/nodes/{name}');
    const { patch } = path.value;
    expect(patch.operationId).toBe('patchCoreV1Node');
    expect(patch.parameters[0].parameter.bodyParameter).toMatchObject({ name: 'body', in: 'body', required: true });
    expect(patch.parameters.map((item: any) => item.parameter.nonBodyParameter?.query.name)).toContain(
      'fieldValidation',
    );
    expect(parseYaml(patch.vendorExtension[1].value.yaml)).toEqual({ group: '', version: 'v1', kind: 'Node' });
    const names = decoded.definitions.additionalProperties.map((schema: { name: string }) => schema.name);
    expect(names).toEqual(Object.keys(json.definitions));
    const container = decoded.definitions.additionalProperties.find(
      (schema: { name: string }) => schema.name === 'io.k8s.api.core.v1.Container',
    ).value;
    const ports = container.properties.additionalProperties.find((field: { name: string }) => field.name === 'ports');
    expect(ports.value).toMatchObject({
      type: { value: ['array'] },
      items: { schema: [{ _ref: '#/definitions/io.k8s.api.core.v1.ContainerPort' }] },
    });
    expect(ports.value.vendorExtension).toContainEqual({
      name: 'x-kubernetes-patch-merge-key',
      value: { yaml: '"containerPort"\n' },
    });
  });

  it.each([
    [undefined, 'json'],
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'protobuf'],
    ['application/json, */*', 'json'],
  ])('answers Accept %s with %s', (accept, form) => {
    expect(negotiateV2(accept)).toBe(form);
  });

  it('refuses other forms', () => {
    expect(() => negotiateV2('text/html')).toThrow('only the following media types are accepted');
  });
});
