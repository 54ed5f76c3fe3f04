/** Pods for e2e tests: they end after a second, and their containers run a shell. */

export const pod = (name: string, spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
});

export const shell = (name: string, script: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  image: 'kubelab/busybox:1',
  command: ['sh', '-c', script],
  ...more,
});
