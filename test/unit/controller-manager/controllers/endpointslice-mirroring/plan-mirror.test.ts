import type { Endpoints, EndpointSubset } from '../../../../../api/core/v1/endpoints';
import type { EndpointSlice } from '../../../../../api/discovery/v1/endpointslice';
import { planMirror } from '../../../../../controller-manager/controllers/endpointslice-mirroring/plan-mirror';
import { stored } from '../../../../support/controller-objects';

const subset = (port: number, ready: string[], unready: string[] = []): EndpointSubset => ({
  addresses: ready.map((ip) => ({ ip })),
  notReadyAddresses: unready.map((ip) => ({ ip })),
  ports: [{ name: 'http', port, protocol: 'TCP' }],
});
const source = (...subsets: EndpointSubset[]) =>
  stored<Endpoints>({ metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } }, subsets });
const show = ({ metadata, addressType, ports, endpoints }: EndpointSlice): string => {
  const all = (endpoints ?? []).map(({ addresses, conditions }) => `${addresses[0]}${conditions?.ready ? '' : '?'}`);
  return `${metadata?.name ?? 'new'} ${addressType}:${ports?.[0]?.port} ${all.join(',')}`;
};
const brief = ({ create, update, remove, skipped }: ReturnType<typeof planMirror>) => ({
  create: create.map(show),
  update: update.map(show),
  remove: remove.map(({ metadata }) => metadata.name),
  skipped,
});
/** As the plan made them, stored. */
const mirrored = (of: ReturnType<typeof source>) =>
  planMirror(of, [], 1000).create.map((slice, index) =>
    stored<EndpointSlice>({ ...slice, metadata: { ...slice.metadata, name: `s${index}` } }),
  );

describe('planMirror', () => {
  it('makes a slice for each family and set of ports', () => {
    const plan = planMirror(source(subset(80, ['10.0.0.1', 'fd00::1'], ['10.0.0.2']), subset(81, ['10.0.0.3'])), [], 9);
    expect(brief(plan)).toEqual({
      create: ['new IPv4:80 10.0.0.1,10.0.0.2?', 'new IPv6:80 fd00::1', 'new IPv4:81 10.0.0.3'],
      update: [],
      remove: [],
      skipped: 0,
    });
    expect(plan.create[0]?.metadata).toMatchObject({
      generateName: 'web-',
      labels: {
        app: 'web',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      },
      ownerReferences: [{ kind: 'Endpoints', name: 'web', controller: true }],
    });
  });

  it('writes nothing when nothing changed', () => {
    const web = source(subset(80, ['10.0.0.1'], ['10.0.0.2']));
    expect(brief(planMirror(web, mirrored(web), 9))).toEqual({ create: [], update: [], remove: [], skipped: 0 });
  });

  it('writes other addresses into the same slice, and takes one over for other ports', () => {
    const before = mirrored(source(subset(80, ['10.0.0.1'])));
    expect(brief(planMirror(source(subset(80, ['10.0.0.2'])), before, 9)).update).toEqual(['s0 IPv4:80 10.0.0.2']);
    expect(brief(planMirror(source(subset(8080, ['10.0.0.1'])), before, 9))).toMatchObject({
      create: [],
      update: ['s0 IPv4:8080 10.0.0.1'],
      remove: [],
    });
  });

  it('removes what has no addresses, and a second slice of the same ports', () => {
    const web = source(subset(80, ['10.0.0.1']));
    const [slice] = mirrored(web);
    const second = { ...slice!, metadata: { ...slice!.metadata, name: 'second' } };
    expect(brief(planMirror(web, [slice!, second], 9)).remove).toEqual(['second']);
    expect(brief(planMirror(source(), [slice!], 9)).remove).toEqual(['s0']);
  });

  it('carries new labels and annotations over, except what belongs to the object itself', () => {
    const plain = source(subset(80, ['10.0.0.1']));
    const annotations = { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const [updated] = planMirror({ ...plain, metadata: { ...plain.metadata, annotations } }, mirrored(plain), 9).update;
    expect(updated?.metadata.annotations).toEqual({ note: 'x' });
  });

  it('tells how many addresses it left out', () => {
    expect(brief(planMirror(source(subset(80, ['10.0.0.1', '10.0.0.2', '10.0.0.3'])), [], 2))).toMatchObject({
      create: ['new IPv4:80 10.0.0.1,10.0.0.2'],
      skipped: 1,
    });
  });
});
