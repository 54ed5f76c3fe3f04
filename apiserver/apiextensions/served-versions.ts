/** From a CustomResourceDefinition to the definitions of its versions. Everything that is served follows from these. */
import { type CustomVersions, defineResource, type ResourceDefinition } from '../../api/meta/resource-definition';
import { newMethodNotSupported, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from '../../api/apiextensions/v1/customresourcedefinition';
import { compareVersions } from '../endpoints/discovery/catalog';
import { columnsOfVersion } from './columns';
import { createCustomValidation, type ScalePaths } from './custom-validation';
import { finalizerWarnings } from './finalizer-warnings';
import { parseJsonPath } from './json-path';
import { openApiDefinitions, openApiNameOf } from './openapi';
import { createRuleValidator } from './rules';
import { applyDefaults, dropForbiddenNulls } from './schema/defaults';
import { checkMetadata } from './schema/embedded-meta';
import { isJsonObject, type JsonSchema } from './schema/json-schema';
import { pruneUnknownFields } from './schema/prune';
import type { ValidationContext } from './schema/validate';

/** What changes while a kind is served, without its definitions changing. */
export interface ServingState {
  /** Instances are being deleted: nothing new may be created. */
  terminating: boolean;
}

export const schemaOf = ({ schema }: CustomResourceDefinitionVersion): JsonSchema | undefined =>
  schema?.openAPIV3Schema;

/** Every version, served or not; generic code treats each as a kind. `crd` has accepted names. */
export function versionDefinitions(
  crd: CustomResourceDefinition,
  state: ServingState,
  context: ValidationContext,
  others: CustomVersions,
): Map<string, ResourceDefinition> {
  const versions = crd.spec.versions;
  return new Map(versions.map((version) => [version.name, versionDefinition(crd, version, state, context, others)]));
}

function versionDefinition(
  crd: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  state: ServingState,
  context: ValidationContext,
  versions: CustomVersions,
): ResourceDefinition {
  const { group, scope } = crd.spec;
  const { plural, singular = '', kind, listKind = `${kind}List`, shortNames, categories } = namesOf(crd);
  const schema = schemaOf(version);
  const { status, scale: scalePaths } = version.subresources ?? {};
  const validation = createCustomValidation(context, schema, scalePaths, createRuleValidator(schema));
  const facts = { group, version: version.name, kind, listKind, plural, schema };
  return defineResource<KubeObject>({
    group,
    version: version.name,
    kind,
    listKind,
    names: {
      plural,
      singular,
      ...(shortNames?.length && { shortNames }),
      ...(categories?.length && { categories }),
    },
    scope: scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
    schema: openApiNameOf(facts),
    defaults: (object) => void applyDefaults(object, schema),
    validate: validation.validate,
    validateUpdate: validation.validateUpdate,
    warnings: finalizerWarnings,
    generation: true,
    allowUnqualifiedFinalizers: true,
    emptyCounts: true,
    allowUnconditionalUpdate: false,
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), fieldReader(jsonPath)]),
    ),
    subresources: {
      ...(status && {
        status: { prepareForUpdate: keepMetadata, validateUpdate: validation.validateStatusUpdate },
      }),
      ...(scalePaths && { scale: scaleOf(scalePaths) }),
    },
    columns: columnsOfVersion(version.additionalPrinterColumns),
    custom: {
      storageVersion: crd.spec.versions.find(({ storage }) => storage)?.name ?? version.name,
      checkBody: (object) => checkBody(object, schema),
      versions,
      openApi: (openApiVersion) => openApiDefinitions(facts, openApiVersion),
      warnings: deprecationWarnings(crd, version),
      get refusesCreate() {
        return state.terminating ? newTerminating(group, plural) : undefined;
      },
    },
  });
}

/** Those that were accepted: of what another holds nothing is served. */
const namesOf = ({ spec, status }: CustomResourceDefinition): CustomResourceDefinitionNames =>
  status?.acceptedNames ?? { plural: spec.names.plural, kind: spec.names.kind };

function checkBody(object: KubeObject, schema: JsonSchema | undefined) {
  if (!isJsonObject(object)) return { typeErrors: [], unknownFields: [] };
  const { typeErrors, unknownFields } = checkMetadata(object, schema);
  if (!schema) return { typeErrors, unknownFields };
  const dropped = pruneUnknownFields(object, schema);
  dropForbiddenNulls(object, schema);
  return { typeErrors, unknownFields: [...dropped, ...unknownFields].sort() };
}

/** Metadata is not the business of a status update, apart from who manages which field. */
function keepMetadata(object: KubeObject, old: KubeObject): void {
  const { managedFields, resourceVersion } = object.metadata ?? {};
  object.metadata = { ...old.metadata, resourceVersion, ...(managedFields && { managedFields }) };
}

const withoutDot = (path: string): string => path.replace(/^\./, '');

const scaleOf = ({ specReplicasPath, statusReplicasPath, labelSelectorPath }: ScalePaths) => ({
  specReplicas: withoutDot(specReplicasPath),
  statusReplicas: withoutDot(statusReplicasPath),
  ...(labelSelectorPath && { selector: withoutDot(labelSelectorPath) }),
});

/** The value as selectors compare it; '' where there is none. */
function fieldReader(jsonPath: string): (object: KubeObject) => string {
  const path = parseJsonPath(jsonPath);
  return (object) => {
    const [value] = path.find(object);
    return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
  };
}

/** The stated warning, or upstream's with the best version to move to. */
function deprecationWarnings(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion): string[] {
  if (!version.deprecated) return [];
  if (version.deprecationWarning !== undefined) return [version.deprecationWarning];
  const { group, names, versions } = crd.spec;
  const replacement = versions
    .filter(({ served, deprecated, name }) => served && !deprecated && name !== version.name)
    .map(({ name }) => name)
    .sort(compareVersions)[0];
  const use = replacement ? `; use ${group}/${replacement} ${names.kind}` : '';
  return [`${group}/${version.name} ${names.kind} is deprecated${use}`];
}

function newTerminating(group: string, plural: string): StatusError {
  const { status } = newMethodNotSupported({ group, resource: plural }, 'create');
  return StatusError.from({
    ...status,
    message: 'create not allowed while custom resource definition is terminating',
  });
}
