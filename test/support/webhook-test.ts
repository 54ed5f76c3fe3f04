/** A real API server beside a webhook server whose answers a test gives, and what registers webhooks with the one at the other. */
import { startTestApiServer, type TestApiServer } from './apiserver';
import { until } from './until';
import { type ReceivedCall, startWebhookServer, type WebhookServer } from './webhook-server';

export const patchOf = (operations: unknown[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
export const deny = (message: string, more: Record<string, unknown> = {}) => ({
  allowed: false,
  status: { message, ...more },
});

export interface HookOptions {
  path: string;
  rules?: Record<string, unknown>[];
  [field: string]: unknown;
}

export const configMapRule = {
  operations: ['CREATE', 'UPDATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
};

/** Everything a test of webhooks needs. */
export async function startWebhookTest() {
  const [api, server]: [TestApiServer, WebhookServer] = await Promise.all([startTestApiServer(), startWebhookServer()]);
  /** How each path of the webhook server answers; the uid is added. */
  const answers = new Map<string, (request: any) => Record<string, unknown> | undefined>();

  const callsTo = (path: string): ReceivedCall[] => server.calls.filter((call) => call.path.startsWith(`${path}?`));

  async function register(kind: 'Mutating' | 'Validating', name: string, ...hooks: HookOptions[]): Promise<void> {
    const { code, text } = await api.rest(
      'POST',
      `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`,
      {
        body: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: `${kind}WebhookConfiguration`,
          metadata: { name },
          webhooks: hooks.map(({ path, rules = [configMapRule], ...more }, index) => ({
            name: `${name}-${index}.example.com`,
            clientConfig: { url: `${server.url}${path}`, caBundle: server.caBundle },
            rules,
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            timeoutSeconds: 30,
            namespaceSelector: { matchLabels: { hooked: name } },
            ...more,
          })),
        },
      },
    );
    if (code !== 201) throw new Error(text);
  }

  /** A namespace of its own for each test, selected by the configuration of the same name. */
  async function namespaceFor(name: string): Promise<void> {
    await api.rest('POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { hooked: name } } },
    });
  }

  const createMap = (namespace: string, name: string, more: Record<string, unknown> = {}, query = '') =>
    api.rest('POST', `/api/v1/namespaces/${namespace}/configmaps${query}`, {
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, ...(more.metadata as object) },
        data: { a: '1' },
        ...more,
      },
    });

  /** Configurations are followed by a watch: probes until the first call arrives. */
  const ready = (namespace: string, path: string): Promise<void> =>
    until('a call of the webhook', async () => {
      await createMap(namespace, `probe-${Math.random().toString(36).slice(2)}`, {}, '?dryRun=All');
      return callsTo(path).length > 0;
    }).then(() => {
      server.calls.length = 0;
    });

  server.handle = (call) => {
    const path = call.path.split('?')[0]!;
    const response = answers.get(path)?.(call.body.request) ?? { allowed: true };
    if ('raw' in response) return response.raw;
    return {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: call.body.request.uid, ...response },
    };
  };
  return {
    api,
    server,
    answers,
    callsTo,
    register,
    namespaceFor,
    createMap,
    ready,
    async stop() {
      await server.stop();
      await api.stop();
    },
  };
}

export type WebhookTest = Awaited<ReturnType<typeof startWebhookTest>>;
