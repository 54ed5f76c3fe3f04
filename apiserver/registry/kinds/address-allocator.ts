/**
 * Hands out cluster IPs from the ranges of all ServiceCIDRs. What is taken is an IPAddress object that names its Service, so the
 * storage keeps it unique among several API servers. Upstream: `registry/core/service/ipallocator/{ipallocator,cidrallocator}.go`.
 */
import type { Service } from '../../../api/core/v1/service';
import { isConditionFalse } from '../../../api/meta/conditions';
import { isAlreadyExists, isConflict, isNotFound } from '../../../api/meta/status-error';
import { type IpAddress, ipAddresses } from '../../../api/networking/v1/ipaddress';
import { prefixContains } from '../../../api/networking/v1/prefixes';
import { defaultServiceCidrName, type ServiceCidr, serviceCidrs } from '../../../api/networking/v1/servicecidr';
import type { Loopback } from '../loopback';
import { type AllocationRange, addressRange } from './address-range';
import { AllocationError } from './range-allocator';
import { holdsAddress, newIpAddress } from './service-addresses';

export interface AddressAllocatorDeps {
  loopback: Loopback;
  /** The configured range: it stands in for the default ServiceCIDR until that exists. */
  defaultCidr: string;
  random?(): number;
}

export class AddressAllocator {
  readonly defaultRange: AllocationRange;
  /** Releases under way: who asks for such an address comes after them. */
  private readonly leaving = new Map<string, Promise<void>>();
  private readonly parsed = new Map<string, AllocationRange | undefined>();

  constructor(private readonly deps: AddressAllocatorDeps) {
    this.defaultRange = addressRange(deps.defaultCidr);
    // Asked for now, to be filled when the first Service comes.
    deps.loopback.view(serviceCidrs);
    deps.loopback.view(ipAddresses);
  }

  /** Takes this address for the Service. Throws AllocationError when it is taken or in no ready range. */
  async allocate(service: Service, address: string, dryRun = false): Promise<void> {
    const range = this.rangeOf(address, this.cachedCidrs()) ?? this.rangeOf(address, await this.readCidrs());
    if (!range) throw new AllocationError('the provided network does not match the current range');
    if (range.offsetOf(address) === undefined) {
      const detail = `The range of valid IPs is ${range.text}`;
      throw new AllocationError(`the provided IP (${address}) is not in the valid range. ${detail}`);
    }
    await this.leaving.get(address);
    const isFree = dryRun ? !(await this.find(address)) : await this.take(service, address);
    if (!isFree) throw new AllocationError('provided IP is already allocated');
  }

  /** Takes any free address for the Service. Throws AllocationError when all ranges are full. */
  async allocateNext(service: Service, dryRun = false): Promise<string> {
    const view = this.deps.loopback.view(ipAddresses);
    for (const range of this.readyRanges(this.cachedCidrs())) {
      for (const address of this.candidates(range)) {
        if (view.get(address)) continue;
        if (dryRun || (await this.take(service, address))) return address;
      }
    }
    throw new AllocationError('range is full');
  }

  /** Gives back what the Service holds of these; what is another's, and what is not there, stays so. */
  async release(service: Service, addresses: readonly string[]): Promise<void> {
    const removals = addresses.map((address) => {
      const removal = this.remove(service, address).finally(() => {
        if (this.leaving.get(address) === settled) this.leaving.delete(address);
      });
      const settled = removal.catch(() => undefined);
      this.leaving.set(address, settled);
      return removal;
    });
    await Promise.all(removals);
  }

  /** Whether any ServiceCIDR, ready or not, has the address. */
  isInRange(address: string): boolean {
    return this.cidrsOf(this.cachedCidrs()).some((cidr) => prefixContains(cidr, address));
  }

  private cachedCidrs(): readonly ServiceCidr[] {
    return this.deps.loopback.view(serviceCidrs).list();
  }

  private async readCidrs(): Promise<ServiceCidr[]> {
    const { stores, context } = this.deps.loopback;
    const { items } = await stores.of(serviceCidrs).list(context, { namespace: '' });
    return items.map(({ object }) => object);
  }

  private cidrsOf(all: readonly ServiceCidr[]): string[] {
    const hasDefault = all.some(({ metadata }) => metadata?.name === defaultServiceCidrName);
    const cidrs = all.flatMap(({ spec }) => spec?.cidrs ?? []);
    return hasDefault ? cidrs : [this.defaultRange.text, ...cidrs];
  }

  /** The default first, then the others by age. Without a condition a ServiceCIDR is ready: its controller may not run. */
  private readyRanges(all: readonly ServiceCidr[]): AllocationRange[] {
    const ready = all
      .filter(({ metadata, status }) => !metadata?.deletionTimestamp && !isConditionFalse(status?.conditions, 'Ready'))
      .toSorted((a, b) => rankOf(a).localeCompare(rankOf(b)));
    const withDefault = all.some(({ metadata }) => metadata?.name === defaultServiceCidrName);
    const cidrs = [...(withDefault ? [] : [this.defaultRange.text]), ...ready.flatMap(({ spec }) => spec?.cidrs ?? [])];
    return [...new Set(cidrs)].map((cidr) => this.parse(cidr)).filter((range) => range !== undefined);
  }

  private rangeOf(address: string, all: readonly ServiceCidr[]): AllocationRange | undefined {
    const containing = this.readyRanges(all).filter(({ text }) => prefixContains(text, address));
    return containing.find((range) => range.offsetOf(address) !== undefined) ?? containing[0];
  }

  /** Undefined for ranges of IPv6, and for those too small. */
  private parse(cidr: string): AllocationRange | undefined {
    if (!this.parsed.has(cidr)) {
      let range: AllocationRange | undefined;
      try {
        range = addressRange(cidr);
      } catch {
        range = undefined;
      }
      this.parsed.set(cidr, range);
    }
    return this.parsed.get(cidr);
  }

  /** From a random place of the upper part to its end and around, then the same in the part kept for people's own choices. */
  private *candidates({ size, staticBand, valueOf }: AllocationRange): Generator<string> {
    const { random = Math.random } = this.deps;
    for (const [from, to] of [
      [staticBand, size],
      [0, staticBand],
    ] as const) {
      const count = to - from;
      const start = Math.floor(random() * count);
      for (let step = 0; step < count; step++) yield valueOf(from + ((start + step) % count));
    }
  }

  /** False when somebody has it. */
  private async take(service: Service, address: string): Promise<boolean> {
    const { stores, context } = this.deps.loopback;
    try {
      await stores.of(ipAddresses).create(context, '', newIpAddress(service, address));
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  private async find(address: string): Promise<IpAddress | undefined> {
    const { stores, context } = this.deps.loopback;
    try {
      return (await stores.of(ipAddresses).get(context, '', address)).object;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async remove(service: Service, address: string): Promise<void> {
    const { stores, context } = this.deps.loopback;
    const found = await this.find(address);
    if (!found?.metadata?.uid || !holdsAddress(found, service)) return;
    try {
      await stores.of(ipAddresses).delete(context, '', address, { preconditions: { uid: found.metadata.uid } });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

const rankOf = ({ metadata }: ServiceCidr): string =>
  metadata?.name === defaultServiceCidrName ? '' : `${metadata?.creationTimestamp} ${metadata?.name}`;
