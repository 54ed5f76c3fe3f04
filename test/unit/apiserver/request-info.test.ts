import { isResourcePath, parseRequestInfo } from '../../../apiserver/request-info';

const parse = (method: string, url: string) => {
  const [path = '', query = ''] = url.split('?');
  return parseRequestInfo(method, path, new URLSearchParams(query));
};

describe('parseRequestInfo', () => {
  // Upstream's table in requestinfo_test.go.
  it.each([
    ['GET', '/api/v1/namespaces', 'list', '', '', 'namespaces', '', ''],
    ['GET', '/api/v1/namespaces/other', 'get', '', 'other', 'namespaces', '', 'other'],
    ['GET', '/api/v1/namespaces/other/pods', 'list', '', 'other', 'pods', '', ''],
    ['GET', '/api/v1/namespaces/other/pods/foo', 'get', '', 'other', 'pods', '', 'foo'],
    ['HEAD', '/api/v1/namespaces/other/pods/foo', 'get', '', 'other', 'pods', '', 'foo'],
    ['GET', '/api/v1/pods', 'list', '', '', 'pods', '', ''],
    ['GET', '/api/v1/pods?watch=1', 'watch', '', '', 'pods', '', ''],
    ['GET', '/api/v1/pods?watch=false', 'list', '', '', 'pods', '', ''],
    ['GET', '/api/v1/watch/pods', 'watch', '', '', 'pods', '', ''],
    ['GET', '/api/v1/watch/namespaces/other/pods', 'watch', '', 'other', 'pods', '', ''],
    ['GET', '/api/v1/namespaces/other/pods/foo/log', 'get', '', 'other', 'pods', 'log', 'foo'],
    ['PUT', '/api/v1/namespaces/foo/finalize', 'update', '', 'foo', 'namespaces', 'finalize', 'foo'],
    ['PATCH', '/api/v1/namespaces/foo/status', 'patch', '', 'foo', 'namespaces', 'status', 'foo'],
    ['POST', '/apis/apps/v1/namespaces/a/deployments', 'create', 'apps', 'a', 'deployments', '', ''],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection', 'apps', 'a', 'deployments', '', ''],
    ['DELETE', '/api/v1/nodes/n1', 'delete', '', '', 'nodes', '', 'n1'],
    ['GET', '/api/v1/nodes/n1/proxy/a/b', 'get', '', '', 'nodes', 'proxy', 'n1'],
  ])('%s %s', (method, url, verb, apiGroup, namespace, resource, subresource, name) => {
    const info = parse(method, url);
    expect(info).toMatchObject({ isResourceRequest: true, verb, apiGroup, namespace, resource, subresource, name });
  });

  it.each(['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/healthz', '/openapi/v3/apis/apps/v1'])(
    'leaves %s to the other routes',
    (path) => {
      expect(parse('GET', path).isResourceRequest).toBe(false);
      expect(isResourcePath(path)).toBe(false);
    },
  );

  it('takes the name from a field selector of one name, for authorization', () => {
    expect(parse('GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Dtop').name).toBe('top');
    expect(parse('GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name!%3Dtop').name).toBe('');
    expect(parse('GET', '/api/v1/namespaces/a/secrets?fieldSelector=metadata.name%3Da%2Fb').name).toBe('');
  });

  it('decodes escaped names and refuses broken escapes', () => {
    expect(parse('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode').name).toBe('system:node');
    expect(() => parse('GET', '/api/v1/nodes/%zz')).toThrow('invalid URL escape');
  });
});
