/** The RBAC rule that every controller needs to write events. */
import type { PolicyRule } from '../api/rbac/v1/types';

export const eventWriter: PolicyRule = {
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
  verbs: ['create', 'patch', 'update'],
};
