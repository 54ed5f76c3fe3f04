/** RuntimeClass: a container runtime configuration that pods can ask for. */
import type { V1RuntimeClass } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { canonicalizeResourceList } from '../../core/v1/resource-list';
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, unchanged } from '../../meta/field-checks';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateRuntimeClass } from './validation';

export interface RuntimeClass extends Wire<V1RuntimeClass> {}

export const runtimeClasses = defineResource<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  names: { plural: 'runtimeclasses', singular: 'runtimeclass' },
  scope: 'Cluster',
  defaults: ({ overhead }) => canonicalizeResourceList(overhead?.podFixed),
  validate: validateRuntimeClass,
  validateUpdate: (now, old) => unchanged(at('handler'), now.handler, old.handler),
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    textColumn(
      'Handler',
      'handler specifies the underlying runtime and configuration that the CRI implementation will use to handle pods of this class. The possible values are specific to the node & CRI configuration.  It is assumed that all handlers are available on every node, and handlers of the same name are equivalent on every node. For example, a handler called "runc" might specify that the runc OCI runtime (using native Linux containers) will be used to run the containers in a pod. The Handler must be lowercase, conform to the DNS Label (RFC 1123) requirements, and is immutable.',
      ({ handler }) => handler ?? '',
    ),
    ageColumn,
  ],
});
