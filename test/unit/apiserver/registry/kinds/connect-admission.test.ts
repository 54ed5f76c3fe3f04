import { pods } from '../../../../../api/core/v1/pod';
import type { AdmissionAttributes } from '../../../../../apiserver/admission/admission';
import type { ConnectRequest } from '../../../../../apiserver/registry/connect';
import { admitted, connectOptions } from '../../../../../apiserver/registry/kinds/connect-admission';

describe('admission of connections', () => {
  it.each([
    [
      'PodExecOptions',
      'command=sh&command=-c&stdin=true&tty=false&container=c',
      '',
      { command: ['sh', '-c'], stdin: true, container: 'c' },
    ],
    ['PodAttachOptions', 'stdout=1&command=no', '', { stdout: true }],
    ['PodPortForwardOptions', 'ports=80,443&ports=8080', '', { ports: [80, 443, 8080] }],
    ['ServiceProxyOptions', '', '/metrics', { path: '/metrics' }],
    ['NodeProxyOptions', 'x=1', '', {}],
  ])('%s of %s%s', (kind, query, path, expected) => {
    expect(connectOptions(kind, new URLSearchParams(query), path)).toEqual({ apiVersion: 'v1', kind, ...expected });
  });

  it('asks before it connects', async () => {
    const asked: AdmissionAttributes[] = [];
    let allowed = false;
    const admission = {
      admit: async (attributes: AdmissionAttributes) => void asked.push(attributes),
      validate: async () => {
        if (!allowed) throw new Error('no');
      },
    };
    const handler = jest.fn(async () => undefined);
    const request = {
      definition: pods,
      namespace: 'n',
      name: 'p',
      subresource: 'exec',
      path: '',
      query: new URLSearchParams('command=sh'),
    } as unknown as ConnectRequest;
    await expect(admitted(admission, handler)(request)).rejects.toThrow('no');
    expect(handler).not.toHaveBeenCalled();
    allowed = true;
    await admitted(admission, handler)(request);
    expect(handler).toHaveBeenCalledWith(request);
    expect(asked[0]).toMatchObject({
      operation: 'CONNECT',
      subresource: 'exec',
      name: 'p',
      object: { kind: 'PodExecOptions', command: ['sh'] },
    });
  });
});
