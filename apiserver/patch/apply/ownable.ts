/**
 * Which fields a path of the API lets its writers own: not what the server sets, and not what that path resets (the status
 * through the main resource, the spec through `status`). Upstream: `internal/stripmeta.go`, the strategies' GetResetFields.
 */
import { difference, type FieldSet, hasPath, isEmpty, recursiveDifference, setOf, union } from './field-set';
import { fieldElement } from './path-element';

export type Ownable = (fields: FieldSet) => FieldSet;

const pathsOf = (paths: readonly string[]): FieldSet =>
  paths.map((path) => setOf(path.split('.').map(fieldElement))).reduce(union);

const stripped = pathsOf([
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
]);
const status = pathsOf(['status']);
const statusElement = fieldElement('status');
const metadataElement = fieldElement('metadata');

const strip = (fields: FieldSet): FieldSet => difference(fields, stripped);

/** Without a status subresource the status is a field like any other. */
export const ofMainResource = (hasStatus: boolean): Ownable =>
  hasStatus ? (fields) => strip(recursiveDifference(fields, status)) : strip;

/** Custom resources keep their metadata too. */
export const ofCustomStatus: Ownable = (fields) =>
  fields[statusElement] ? { [statusElement]: fields[statusElement] } : {};

/** Metadata may change along with the status. */
export const ofStatus: Ownable = (fields) => {
  const kept: Record<string, FieldSet> = {};
  for (const element of [metadataElement, statusElement]) if (fields[element]) kept[element] = fields[element];
  return strip(kept);
};

/** A scale writes one field. */
export function ofReplicas(path: string): Ownable {
  const elements = path.split('.').map(fieldElement);
  const replicas = setOf(elements);
  return (fields) => (!isEmpty(fields) && hasPath(fields, elements) ? replicas : {});
}
