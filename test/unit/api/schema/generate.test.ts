import { definitions, findDefinition } from '../../../../api/schema/definitions';
import { mergeFacts } from '../../../../api/schema/merge-keys';
import { byteMapFields, freeFormFields, quantityFields } from '../../../../api/schema/scalar-types';
import { refName, type Schema } from '../../../../api/schema/schema';

const all = definitions();
const names = Object.keys(all);
const withKind = (kind: string): Schema[] =>
  names.filter((name) => name.endsWith(`.${kind}`)).map((name) => all[name]!);

describe('generated definitions', () => {
  it('carry upstream names, descriptions, requirements and formats', () => {
    expect(findDefinition('io.k8s.api.apps.v1.DeploymentSpec')).toMatchObject({
      description: 'DeploymentSpec is the specification of the desired behavior of the Deployment.',
      properties: {
        replicas: { type: 'integer', format: 'int32' },
        template: { $ref: '#/definitions/io.k8s.api.core.v1.PodTemplateSpec' },
      },
      required: ['selector', 'template'],
    });
    expect(findDefinition('io.k8s.api.apps.v1.Deployment')?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'apps', version: 'v1', kind: 'Deployment' },
    ]);
  });

  it.each([
    'io.k8s.api.core.v1.PodTemplateSpec',
    'io.k8s.api.autoscaling.v1.Scale',
    'io.k8s.api.policy.v1.Eviction',
    'io.k8s.api.authentication.v1.TokenRequest',
    'io.k8s.api.events.v1.Event',
    'io.k8s.api.core.v1.Event',
    'io.k8s.api.rbac.v1.Subject',
    'io.k8s.api.flowcontrol.v1.Subject',
    'io.k8s.api.core.v1.TopologySelectorTerm',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
    'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
    'io.k8s.apimachinery.pkg.version.Info',
  ])('have %s', (name) => {
    expect(findDefinition(name)?.properties).toBeDefined();
  });

  it('refer only to definitions that exist, and leave no field without a type', () => {
    const problems: string[] = [];
    const check = (schema: Schema, where: string): void => {
      const target = refName(schema);
      if (target !== undefined && !Object.hasOwn(all, target)) problems.push(`${where} refers to ${target}`);
      if (!schema.$ref && schema.type === undefined) problems.push(`${where} has no type`);
      if (schema.items) check(schema.items, where);
      if (schema.additionalProperties) check(schema.additionalProperties, where);
    };
    for (const name of names) {
      for (const [field, schema] of Object.entries(all[name]!.properties ?? {})) check(schema, `${name}.${field}`);
    }
    expect(problems).toEqual([]);
  });

  it('describe a field that holds an object by its type', () => {
    expect(findDefinition('io.k8s.api.apps.v1.DeploymentSpec')?.properties?.['strategy']?.description).toBe(
      'DeploymentStrategy describes how to replace existing pods with new ones.',
    );
  });

  it('describe the metadata, spec and status of a kind, and the metadata of what is none', () => {
    const description = (definition: string, field: string) =>
      findDefinition(`io.k8s.api.core.v1.${definition}`)?.properties?.[field]?.description;
    expect(description('Pod', 'spec')).toMatch(
      /^Specification of the desired behavior of the Pod\. More info: .*-status$/,
    );
    expect(description('Pod', 'status')).toMatch(/^Most recently observed status of the Pod\. Read-only\. /);
    expect(description('PodList', 'metadata')).toMatch(/^Standard list metadata\. /);
    expect(description('PodTemplateSpec', 'metadata')).toMatch(/^Standard object's metadata\. /);
  });

  it('know the real types of flattened scalars', () => {
    const limits = findDefinition('io.k8s.api.core.v1.ResourceRequirements')?.properties?.['limits'];
    expect(limits?.additionalProperties).toEqual({
      $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity',
    });
    const lease = findDefinition('io.k8s.api.coordination.v1.LeaseSpec')?.properties?.['renewTime'];
    expect(refName(lease!)).toBe('io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime');
    expect(findDefinition('io.k8s.api.core.v1.Secret')?.properties?.['data']?.additionalProperties).toEqual({
      type: 'string',
      format: 'byte',
    });
  });
});

describe('hand-kept facts', () => {
  it('name fields that exist', () => {
    const missing = [...mergeFacts.keys()].filter((fact) => {
      const [group, kind, ...field] = fact.split('.');
      const owners = names
        .filter((name) => name.split('.').at(-3) === group && name.endsWith(`.${kind}`))
        .map((name) => all[name]!);
      return !owners.some((owner) => !field.length || owner.properties?.[field.join('.')]);
    });
    expect(missing).toEqual([]);
    const scalars = [...quantityFields, ...byteMapFields, ...Object.keys(freeFormFields)];
    expect(
      scalars.filter((fact) => {
        const [kind = '', field = ''] = fact.split('.');
        return !withKind(kind).some((schema) => schema.properties?.[field]);
      }),
    ).toEqual([]);
  });

  it('reach the definitions as extensions', () => {
    expect(findDefinition('io.k8s.api.core.v1.Container')?.properties?.['ports']).toMatchObject({
      'x-kubernetes-patch-merge-key': 'containerPort',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
    });
    expect(findDefinition('io.k8s.api.core.v1.NodeSelector')?.['x-kubernetes-map-type']).toBe('atomic');
  });
});
