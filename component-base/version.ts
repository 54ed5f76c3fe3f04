/** The Kubernetes version whose API kubelab serves, as `/version`, node status and user agents print it. */
export const version = { major: '1', minor: '36', gitVersion: 'v1.36.0+kubelab' } as const;
