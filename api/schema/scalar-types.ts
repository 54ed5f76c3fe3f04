/**
 * Facts on types that the published client models flatten: which strings are quantities or base64, which free-form values
 * are which type, and the definitions of those scalar types. Keys are `<Kind>.<field>`, for every version.
 */
import type { Schema } from './schema';

export const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
export const rawExtensionName = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const timeName = `${meta}.Time`;
export const microTimeName = `${meta}.MicroTime`;
export const fieldsV1Name = `${meta}.FieldsV1`;
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
export const jsonName = `${apiextensions}.JSON`;

/** Strings, lists of strings and maps to strings whose values are quantities. */
export const quantityFields: ReadonlySet<string> = new Set([
  'ResourceRequirements.limits',
  'ResourceRequirements.requests',
  'VolumeResourceRequirements.limits',
  'VolumeResourceRequirements.requests',
  'ContainerStatus.allocatedResources',
  'PodStatus.allocatedResources',
  'PodSpec.overhead',
  'NodeStatus.allocatable',
  'NodeStatus.capacity',
  'LimitRangeItem.default',
  'LimitRangeItem.defaultRequest',
  'LimitRangeItem.max',
  'LimitRangeItem.maxLimitRequestRatio',
  'LimitRangeItem.min',
  'ResourceQuotaSpec.hard',
  'ResourceQuotaStatus.hard',
  'ResourceQuotaStatus.used',
  'PersistentVolumeSpec.capacity',
  'PersistentVolumeClaimStatus.allocatedResources',
  'PersistentVolumeClaimStatus.capacity',
  'EmptyDirVolumeSource.sizeLimit',
  'ResourceFieldSelector.divisor',
  'Overhead.podFixed',
  'MetricTarget.averageValue',
  'MetricTarget.value',
  'MetricValueStatus.averageValue',
  'MetricValueStatus.value',
  'CSIStorageCapacity.capacity',
  'CSIStorageCapacity.maximumVolumeSize',
  'NodeAllocatableResourceClaimStatus.resources',
  'NodeAllocatableResourceMapping.allocationMultiplier',
  'Counter.value',
  'DeviceCapacity.value',
  'CapacityRequestPolicy.default',
  'CapacityRequestPolicy.validValues',
  'CapacityRequestPolicyRange.max',
  'CapacityRequestPolicyRange.min',
  'CapacityRequestPolicyRange.step',
  'CapacityRequirements.requests',
  'DeviceRequestAllocationResult.consumedCapacity',
]);

/** Maps whose values are base64. */
export const byteMapFields: ReadonlySet<string> = new Set(['Secret.data', 'ConfigMap.binaryData']);

/** What free-form values are; RawExtension where nothing is said. */
export const freeFormFields: Readonly<Record<string, string>> = {
  'ManagedFieldsEntry.fieldsV1': fieldsV1Name,
  'CustomResourceSubresources.status': `${apiextensions}.CustomResourceSubresourceStatus`,
  'JSONSchemaProps.additionalItems': `${apiextensions}.JSONSchemaPropsOrBool`,
  'JSONSchemaProps.additionalProperties': `${apiextensions}.JSONSchemaPropsOrBool`,
  'JSONSchemaProps.default': jsonName,
  'JSONSchemaProps.dependencies': `${apiextensions}.JSONSchemaPropsOrStringArray`,
  'JSONSchemaProps.enum': jsonName,
  'JSONSchemaProps.example': jsonName,
  'JSONSchemaProps.items': `${apiextensions}.JSONSchemaPropsOrArray`,
};

/** The definitions of the scalar and free-form types. */
export const scalarDefinitions: Readonly<Record<string, Schema>> = {
  [quantityName]: {
    type: 'string',
    description:
      'Quantity is a fixed-point representation of a number: a signed number with an optional suffix, one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent such as e3.',
  },
  [timeName]: {
    type: 'string',
    format: 'date-time',
    description: 'Time is a wrapper around time.Time which supports correct marshaling to YAML and JSON.',
  },
  [microTimeName]: {
    type: 'string',
    format: 'date-time',
    description: 'MicroTime is version of Time with microsecond level precision.',
  },
  [intOrStringName]: {
    type: 'string',
    format: 'int-or-string',
    description: 'IntOrString is a type that can hold an int32 or a string.',
  },
  [rawExtensionName]: {
    type: 'object',
    description: 'RawExtension is used to hold extensions in external versions.',
  },
  [fieldsV1Name]: {
    type: 'object',
    description: 'FieldsV1 stores a set of fields in a data structure like a Trie, in JSON format.',
  },
  [`${meta}.Patch`]: {
    type: 'object',
    description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  },
  [jsonName]: {
    description:
      'JSON represents any valid JSON value: bool, int64, float64, string, []interface{}, map[string]interface{} and nil.',
  },
  [`${apiextensions}.JSONSchemaPropsOrArray`]: {
    description:
      'JSONSchemaPropsOrArray represents a value that can either be a JSONSchemaProps or an array of JSONSchemaProps.',
  },
  [`${apiextensions}.JSONSchemaPropsOrBool`]: {
    description:
      'JSONSchemaPropsOrBool represents JSONSchemaProps or a boolean value. Defaults to true for the boolean property.',
  },
  [`${apiextensions}.JSONSchemaPropsOrStringArray`]: {
    description: 'JSONSchemaPropsOrStringArray represents a JSONSchemaProps or a string array.',
  },
  [`${apiextensions}.CustomResourceSubresourceStatus`]: {
    type: 'object',
    description: 'CustomResourceSubresourceStatus defines how to serve the status subresource for CustomResources.',
  },
};
