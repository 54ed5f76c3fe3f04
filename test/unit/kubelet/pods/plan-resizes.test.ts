import type { Container, ResourceRequirements } from '../../../../api/core/v1/pod';
import { actualResources } from '../../../../kubelet/pods/actual-resources';
import { hasResources, planResizes, requiresRestart } from '../../../../kubelet/pods/plan-resizes';
import { cpuAndMemoryOf } from '../../../../kubelet/runtime/container-resources';
import type { ContainerStatus } from '../../../../kubelet/runtime/runtime';
import { container, instance, podOf, runtimeOf, sandbox } from './pod-fixtures';

const sized = (cpu: string, memory: string): ResourceRequirements => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});
const having = (name: string, resources: ResourceRequirements, more: Partial<ContainerStatus> = {}): ContainerStatus =>
  instance(name, { resources: cpuAndMemoryOf({ resources }), ...more });
const wanting = (name: string, resources: ResourceRequirements, more: Partial<Container> = {}): Container =>
  container(name, { resources, ...more });
const mi = 1024 ** 2;

describe('planResizes', () => {
  it('changes nothing that is as it should be', () => {
    const pod = podOf({ containers: [wanting('app', sized('1', '64Mi'))] });
    const status = runtimeOf(sandbox(), having('app', sized('1', '64Mi')));
    expect(planResizes(pod, status)).toEqual([]);
    expect(hasResources(pod, status)).toBe(true);
  });

  it('changes memory before cpu, decreases before increases, sidecars too', () => {
    const pod = podOf({
      initContainers: [wanting('side', sized('2', '32Mi'), { restartPolicy: 'Always' })],
      containers: [wanting('app', sized('1', '64Mi'))],
    });
    const status = runtimeOf(sandbox(), having('side', sized('1', '64Mi')), having('app', sized('2', '32Mi')));
    expect(planResizes(pod, status)).toEqual([
      {
        container: 'side',
        containerId: 'side0',
        resource: 'memory',
        resources: { memoryBytes: 32 * mi },
        decreases: true,
      },
      {
        container: 'app',
        containerId: 'app0',
        resource: 'memory',
        resources: { memoryBytes: 64 * mi },
        decreases: false,
      },
      {
        ...{ container: 'app', containerId: 'app0', resource: 'cpu', decreases: true },
        resources: { cpuShares: 1024, cpuQuotaUs: 100_000 },
      },
      {
        ...{ container: 'side', containerId: 'side0', resource: 'cpu', decreases: false },
        resources: { cpuShares: 2048, cpuQuotaUs: 200_000 },
      },
    ]);
  });

  it('leaves alone what does not run, and what is restarted instead', () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
    const app = wanting('app', sized('1', '64Mi'), { resizePolicy });
    const pod = podOf({ containers: [app] });
    const restarted = having('app', sized('1', '32Mi'));
    expect(planResizes(pod, runtimeOf(sandbox(), restarted))).toEqual([]);
    expect(requiresRestart(app, restarted)).toBe(true);
    expect(hasResources(pod, runtimeOf(sandbox(), restarted))).toBe(false);
    expect(requiresRestart(app, having('app', sized('2', '64Mi')))).toBe(false);
    expect(hasResources(pod, runtimeOf(sandbox(), having('app', sized('1', '32Mi'), { state: 'exited' })))).toBe(true);
  });
});

describe('actualResources', () => {
  it.each<[what: string, wanted: ResourceRequirements, has: ResourceRequirements, expected: ResourceRequirements]>([
    ['what was given and is there', sized('100m', '64Mi'), sized('100m', '64Mi'), sized('100m', '64Mi')],
    [
      'cpu that is not there yet',
      sized('300m', '64Mi'),
      sized('123m', '64Mi'),
      { requests: { cpu: '123m', memory: '64Mi' }, limits: { cpu: '123m', memory: '64Mi' } },
    ],
    ['memory that is not there yet, as told before', sized('1', '128Mi'), sized('1', '64Mi'), sized('1', '64Mi')],
    [
      'no limit where there is none yet',
      sized('1', '128Mi'),
      { requests: { cpu: '1', memory: '64Mi' } },
      { requests: { cpu: '1', memory: '64Mi' }, limits: {} },
    ],
  ])('tells %s', (_what, wanted, has, expected) => {
    expect(actualResources(wanting('app', wanted), having('app', has), has)).toEqual(expected);
  });

  it('tells of a dead container what it was given', () => {
    const dead = having('app', sized('1', '64Mi'), { state: 'exited' });
    expect(actualResources(wanting('app', sized('2', '64Mi')), dead, undefined)).toEqual(sized('2', '64Mi'));
  });
});
