/** CSINode: the storage drivers of a node, and what the node is called by them. */
import type { V1CSINode, V1CSINodeDriver } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { validateDriverName } from '../../core/v1/storage-facts';
import { ageColumn, nameColumn } from '../../meta/columns';
import { at, nonNegative, repeatedAt, unchanged } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, required } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface CsiNode extends Wire<V1CSINode> {}
export interface CsiNodeDriver extends Wire<V1CSINodeDriver> {}

const maxNodeIdLength = 256;

function validateDriver(driver: CsiNodeDriver, path: FieldPath): FieldError[] {
  const { nodeID = '', topologyKeys = [] } = driver;
  const idPath = path.child('nodeID');
  const errors = validateDriverName(driver.name, path.child('name'));
  if (!nodeID) errors.push(required(idPath));
  if (Buffer.byteLength(nodeID) > maxNodeIdLength) {
    errors.push(invalid(idPath, nodeID, `must be ${maxNodeIdLength} characters or less`));
  }
  errors.push(...nonNegative(path.child('allocatable', 'count'), driver.allocatable?.count));
  const repeated = repeatedAt(topologyKeys);
  for (const [index, key] of topologyKeys.entries()) {
    if (!key) errors.push(required(path));
    if (repeated.has(index)) errors.push(duplicate(path, key));
    errors.push(...isQualifiedName(key).map((message) => invalid(path, key, message)));
  }
  return errors;
}

function validate({ spec }: CsiNode): FieldError[] {
  const path = at('spec', 'drivers');
  const seen = new Set<string>();
  return (spec?.drivers ?? []).flatMap((driver, index) => {
    const errors = validateDriver(driver, path.index(index));
    if (seen.has(driver.name)) errors.push(duplicate(path.index(index).child('name'), driver.name));
    seen.add(driver.name);
    return errors;
  });
}

/** A driver that stays is what it was, but for how many volumes it takes. */
function validateUpdate(node: CsiNode, old: CsiNode): FieldError[] {
  const before = new Map((old.spec?.drivers ?? []).map((driver) => [driver.name, driver]));
  const changes = (node.spec?.drivers ?? []).flatMap(({ allocatable: _now, ...driver }) => {
    const { allocatable: _before, ...known } = before.get(driver.name) ?? ({} as Partial<CsiNodeDriver>);
    return known.name === undefined ? [] : unchanged(at('spec', 'drivers'), driver, known);
  });
  return [...validate(node), ...changes];
}

export const csiNodes = defineResource<CsiNode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  names: { plural: 'csinodes', singular: 'csinode' },
  scope: 'Cluster',
  validate,
  validateUpdate,
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    {
      name: 'Drivers',
      type: 'integer',
      description: 'Drivers indicates the number of CSI drivers registered on the node',
      value: ({ spec }) => spec?.drivers?.length ?? 0,
    },
    ageColumn,
  ],
});
