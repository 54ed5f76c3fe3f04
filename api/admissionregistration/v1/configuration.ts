/** What webhook configurations, policies and bindings have in common as kinds. */
export const configurationKind = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  scope: 'Cluster',
  generation: true,
  allowUnconditionalUpdate: false,
} as const;
