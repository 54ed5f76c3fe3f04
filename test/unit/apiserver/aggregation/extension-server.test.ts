import type { ApiService } from '../../../../api/apiregistration/v1/apiservice';
import type { Stored } from '../../../../api/meta/types';
import { createExtensionServers } from '../../../../apiserver/aggregation/extension-server';
import { startWebhookServer } from '../../../support/webhook-server';

it('gets a document although the kept connection was closed by the other side', async () => {
  const server = await startWebhookServer(['wardle.kube-public.svc']);
  const servers = createExtensionServers(() => ({ host: '127.0.0.1', port: server.port }));
  const service = { namespace: 'kube-public', name: 'wardle', port: 443 };
  const apiService = {
    metadata: { name: 'v1.wardle.example.com' },
    spec: { service, caBundle: server.caBundle },
  } as Stored<ApiService>;
  try {
    server.handle = (_call, response, request) => {
      setImmediate(() => request.socket.destroy());
      response.end('{}');
    };
    await servers.getJson(apiService, '/apis');
    server.handle = () => ({ kind: 'APIGroupList' });
    expect(await servers.getJson(apiService, '/apis')).toEqual({ code: 200, body: { kind: 'APIGroupList' } });
  } finally {
    servers.close();
    await server.stop();
  }
});
