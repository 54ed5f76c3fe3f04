import { planSlices, type PortGroup } from '../../../../../controller-manager/controllers/endpointslice/plan-slices';
import { sliceShape } from '../../../../../controller-manager/controllers/endpointslice/build-slice';
import type { Endpoint, EndpointSlice } from '../../../../../api/discovery/v1/endpointslice';
import { service, stored } from '../../../../support/controller-objects';

const web = service();
const shape = sliceShape(web, 'IPv4', 3);
const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }];

const endpoint = (n: number, ready = true): Endpoint => ({
  addresses: [`10.1.0.${n}`],
  conditions: { ready, serving: ready, terminating: false },
  targetRef: { kind: 'Pod', namespace: 'default', name: `web-${n}`, uid: `uid-${n}` },
});

const endpoints = (...numbers: number[]): Endpoint[] => numbers.map((n) => endpoint(n));
const group = (all: Endpoint[], of = ports): PortGroup => ({ ports: of, endpoints: all });
const slice = (name: string, all: Endpoint[], of = ports) =>
  stored<EndpointSlice>({ ...shape.build(of), metadata: { ...shape.build(of).metadata, name }, endpoints: all });

/** Names (or `new`) with the last part of their addresses. */
const show = ({ create, update, remove }: ReturnType<typeof planSlices>) => {
  const text = ({ metadata, endpoints: all }: EndpointSlice): string =>
    `${metadata?.name ?? 'new'}:${(all ?? []).map(({ addresses }) => addresses[0]?.split('.').at(-1)).join(',')}`;
  return { create: create.map(text), update: update.map(text), remove: remove.map(({ metadata }) => metadata.name) };
};

describe('planSlices', () => {
  it('keeps an empty placeholder for a service without endpoints, once', () => {
    expect(show(planSlices([], [], shape))).toEqual({ create: ['new:'], update: [], remove: [] });
    expect(show(planSlices([], [slice('a', [], [])], shape))).toEqual({ create: [], update: [], remove: [] });
  });
  it('cuts many endpoints into slices of the maximum size', () => {
    const plan = show(planSlices([group(endpoints(1, 2, 3, 4, 5, 6, 7))], [], shape));
    expect(plan).toEqual({ create: ['new:1,2,3', 'new:4,5,6', 'new:7'], update: [], remove: [] });
  });
  it('writes nothing when nothing changed', () => {
    expect(show(planSlices([group(endpoints(1, 2))], [slice('a', endpoints(2, 1))], shape))).toEqual({
      create: [],
      update: [],
      remove: [],
    });
  });
  it('rewrites only the slice whose endpoint changed', () => {
    const existing = [slice('a', endpoints(1, 2)), slice('b', endpoints(3, 4))];
    const plan = planSlices([group([...endpoints(1, 2, 3), endpoint(4, false)])], existing, shape);
    expect(show(plan)).toEqual({ create: [], update: ['b:3,4'], remove: [] });
    expect(plan.update[0]?.endpoints?.[1]?.conditions?.ready).toBe(false);
  });
  it('puts new endpoints into slices that are written anyway', () => {
    const existing = [slice('a', endpoints(1)), slice('b', endpoints(2, 9))];
    expect(show(planSlices([group(endpoints(1, 2, 3))], existing, shape)).update).toEqual(['b:2,3']);
  });
  it('fills the unchanged slice that fits best', () => {
    const existing = [slice('a', endpoints(1)), slice('b', endpoints(2, 3))];
    expect(show(planSlices([group(endpoints(1, 2, 3, 4))], existing, shape)).update).toEqual(['b:2,3,4']);
  });
  it('turns a slice that would be deleted into one that would be created', () => {
    const other = [{ name: 'http', port: 9090, protocol: 'TCP' }];
    const plan = planSlices([group(endpoints(1), other)], [slice('a', endpoints(1))], shape);
    expect(show(plan)).toEqual({ create: [], update: ['a:1'], remove: [] });
    expect(plan.update[0]?.ports).toEqual(other);
  });
  it('rewrites slices when the labels of the service changed', () => {
    const renamed = sliceShape(stored({ ...web, metadata: { ...web.metadata, labels: { team: 'b' } } }), 'IPv4', 3);
    const plan = planSlices([group(endpoints(1))], [slice('a', endpoints(1))], renamed);
    expect(plan.update[0]?.metadata.labels).toEqual({
      team: 'b',
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    });
  });
  it('keeps groups of different ports apart', () => {
    const other = [{ name: 'http', port: 9090, protocol: 'TCP' }];
    expect(show(planSlices([group(endpoints(1)), group(endpoints(2), other)], [], shape)).create).toEqual([
      'new:1',
      'new:2',
    ]);
  });
});
