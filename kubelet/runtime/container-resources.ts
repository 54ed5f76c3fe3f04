/** Resources as the engine wants them: upstream's kuberuntime and qos packages. */
import type { Container, Pod } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';
import type { ContainerResources } from './runtime';

const minShares = 2;
export const cpuPeriodUs = 100_000;
const minQuotaUs = 1000;

/** CPU shares from the request; the limit stands in when only that is set. */
export function cpuShares(milli: number): number {
  return milli === 0 ? minShares : Math.max(minShares, Math.min(262_144, Math.floor((milli * 1024) / 1000)));
}

/** Microseconds of CPU time in each period of 100 ms; undefined without a limit. */
export function cpuQuota(milli: number): number | undefined {
  return milli === 0 ? undefined : Math.max(minQuotaUs, Math.floor((milli * cpuPeriodUs) / 1000));
}

/** The request that gave so many shares. */
export const milliOfShares = (shares: number): number => Math.ceil((shares * 1000) / 1024);

/** The limit that gave such a quota. */
export const milliOfQuota = (quotaUs: number): number => Math.round((quotaUs * 1000) / cpuPeriodUs);

export interface EngineResources {
  CpuShares: number;
  CpuPeriod?: number;
  CpuQuota?: number;
  Memory?: number;
  /** Equal to Memory: no swap. */
  MemorySwap?: number;
  OomScoreAdj: number;
}

export function cpuAndMemoryOf(container: Pick<Container, 'resources'>): ContainerResources {
  const amount = (kind: 'limits' | 'requests', name: string): Quantity | undefined =>
    Quantity.tryParse(container.resources?.[kind]?.[name]);
  const limit = amount('limits', 'cpu')?.milliValue() ?? 0;
  const request = amount('requests', 'cpu')?.milliValue() ?? limit;
  return {
    cpuShares: cpuShares(request),
    cpuQuotaUs: cpuQuota(limit) ?? 0,
    memoryBytes: amount('limits', 'memory')?.value() ?? 0,
  };
}

export function engineResources(pod: Pod, container: Container, machine: { memoryBytes: number }): EngineResources {
  const { cpuShares: shares, cpuQuotaUs: quota, memoryBytes: memory } = cpuAndMemoryOf(container);
  return {
    CpuShares: shares,
    ...(quota > 0 && { CpuPeriod: cpuPeriodUs, CpuQuota: quota }),
    ...(memory > 0 && { Memory: memory, MemorySwap: memory }),
    OomScoreAdj: oomScoreAdj(pod, container, machine.memoryBytes),
  };
}

/** Guaranteed -997, best effort 1000, burstable in between by its share of the memory (pkg/kubelet/qos/policy.go). */
export function oomScoreAdj(pod: Pod, container: Container, memoryBytes: number): number {
  if ((pod.spec?.priority ?? 0) >= 2_000_000_000) return -997;
  const qos = pod.status?.qosClass ?? 'BestEffort';
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const request = Quantity.tryParse(container.resources?.requests?.['memory'])?.value() ?? 0;
  const adjusted = 1000 - Math.floor((1000 * request) / memoryBytes);
  if (adjusted < 3) return 3;
  return adjusted === 1000 ? 999 : adjusted;
}

/** The sandbox outlives its containers. */
export const sandboxOomScoreAdj = -998;
