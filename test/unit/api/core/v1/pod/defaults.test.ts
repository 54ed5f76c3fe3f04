import { setPodDefaults, setPodTemplateDefaults } from '../../../../../../api/core/v1/pod/defaults';
import { imageTag } from '../../../../../../api/core/v1/pod/image-name';
import type { Pod } from '../../../../../../api/core/v1/pod/types';

it('fills in a minimal pod as upstream does', () => {
  const pod: Pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
  setPodDefaults(pod);
  expect(pod.spec).toEqual({
    containers: [
      {
        name: 'c',
        image: 'nginx',
        imagePullPolicy: 'Always',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
});

it('lets no preference among nodes be without its term', () => {
  const preferred = [{ weight: 1 } as never];
  const pod: Pod = {
    spec: {
      containers: [],
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
    },
  };
  setPodDefaults(pod);
  expect(preferred).toEqual([{ weight: 1, preference: {} }]);
});

it.each([
  ['nginx', 'latest'],
  ['nginx:1.2', '1.2'],
  ['localhost:5000/a/b', 'latest'],
  ['localhost:5000/a/b:v1', 'v1'],
  ['nginx@sha256:0123', ''],
  ['nginx:latest@sha256:0123', 'latest'],
  ['NotLower', ''],
])('reads the tag of %s', (image, tag) => {
  expect(imageTag(image)).toBe(tag);
});

it('takes requests from limits, with canonical quantities, in pods only', () => {
  const spec = () => ({
    containers: [{ name: 'c', image: 'i:1', resources: { limits: { cpu: '0.5', memory: '1024Mi' } } }],
  });
  const pod: Pod = { spec: spec() };
  setPodDefaults(pod);
  const expected = { cpu: '500m', memory: '1Gi' };
  expect(pod.spec?.containers[0]?.resources).toEqual({ limits: expected, requests: expected });
  const template = { spec: spec() };
  setPodTemplateDefaults(template);
  expect(template.spec.containers[0]?.resources).toEqual({ limits: expected });
});

it('gives probes, ports, volumes and references their defaults', () => {
  const pod: Pod = {
    spec: {
      hostNetwork: true,
      serviceAccount: 'robot',
      containers: [
        {
          name: 'c',
          image: 'i:1',
          ports: [{ containerPort: 80 }],
          readinessProbe: { httpGet: { port: 80 } },
          env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        },
      ],
      volumes: [
        { name: 'e' },
        { name: 's', secret: { secretName: 's' } },
        { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
        { name: 'h', hostPath: { path: '/' } },
      ],
    },
  };
  setPodDefaults(pod);
  expect(pod.spec).toMatchObject({
    serviceAccountName: 'robot',
    containers: [
      {
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
        readinessProbe: {
          httpGet: { port: 80, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
      },
    ],
    volumes: [
      { name: 'e', emptyDir: {} },
      { secret: { defaultMode: 420 } },
      { projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3600 } }] } },
      { hostPath: { path: '/', type: '' } },
    ],
  });
});
