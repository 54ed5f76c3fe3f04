/**
 * What an operator's author would run in a pod: one small server that is conversion webhook, admission webhook and extension API
 * server at once. Plain JavaScript for Node, as a string, since it is mounted from a ConfigMap.
 */
export const operatorProgram = `
const https = require('node:https');
const fs = require('node:fs');
const group = 'reports.example.com';

/** v1 says how large by a word's length, v2 by a number: {size: "xxx"} is {replicas: 3}. */
function convert(object, apiVersion) {
  const { size, replicas, ...rest } = object.spec || {};
  const count = size === undefined ? replicas : size.length;
  const spec = apiVersion.endsWith('/v1') ? { ...rest, size: 'x'.repeat(count) } : { ...rest, replicas: count };
  return { ...object, apiVersion, spec };
}

const routes = {
  '/convert': ({ request }) => ({
    kind: 'ConversionReview',
    apiVersion: 'apiextensions.k8s.io/v1',
    response: {
      uid: request.uid,
      result: { status: 'Success' },
      convertedObjects: request.objects.map((object) => convert(object, request.desiredAPIVersion)),
    },
  }),
  '/mutate': ({ request }) => {
    const labels = { ...request.object.metadata.labels, operated: 'yes' };
    const patch = JSON.stringify([{ op: 'add', path: '/metadata/labels', value: labels }]);
    return review({ uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: Buffer.from(patch).toString('base64') });
  },
  '/validate': ({ request }) => {
    const { replicas } = request.object.spec;
    const status = { code: 422, message: 'at most 5 replicas, not ' + replicas };
    const warnings = replicas === 5 ? ['5 replicas are the most'] : undefined;
    return review({ uid: request.uid, allowed: replicas <= 5, ...(replicas > 5 && { status }), warnings });
  },
};
const review = (response) => ({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response });

const documents = {
  ['/apis/' + group + '/v1']: () => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group + '/v1',
    resources: [
      { name: 'reports', singularName: 'report', namespaced: true, kind: 'Report', verbs: ['get', 'list'], shortNames: ['rp'] },
    ],
  }),
};

function serve(request, response, text) {
  const path = request.url.split('?')[0];
  const answer = (code, body) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (path === '/healthz') return answer(200, {});
  if (routes[path]) return answer(200, routes[path](JSON.parse(text)));
  if (documents[path]) return answer(200, documents[path]());
  if (path.endsWith('/reports')) {
    // Only a front proxy of the cluster may name the user.
    const isProxy = request.socket.authorized && request.socket.getPeerCertificate().subject.CN === 'front-proxy-client';
    const user = isProxy ? request.headers['x-remote-user'] : 'nobody';
    const items = [{ metadata: { name: 'only', namespace: path.split('/')[5] }, user }];
    return answer(200, { kind: 'ReportList', apiVersion: group + '/v1', metadata: { resourceVersion: '1' }, items });
  }
  answer(404, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404, message: 'no ' + path });
}

const read = (name) => fs.readFileSync('/etc/operator/' + name);
https
  .createServer(
    { cert: read('tls.crt'), key: read('tls.key'), ca: read('front-proxy-ca.crt'), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => serve(request, response, text));
    },
  )
  .listen(8443);
process.on('SIGTERM', () => process.exit(0));
`;
