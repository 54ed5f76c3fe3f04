import { cidrsOverlap, refuseOverlaps } from '../../../deploy/host-network';

describe('cidrsOverlap', () => {
  it.each([
    ['10.0.0.0/16', '10.0.0.0/16', true],
    ['10.0.0.0/8', '10.244.0.0/16', true],
    ['10.244.0.0/16', '10.0.0.0/8', true],
    ['10.244.3.7/16', '10.244.0.0/24', true],
    ['10.244.0.0/16', '10.245.0.0/16', false],
    ['10.96.0.0/16', '10.96.255.255', true],
    ['10.96.0.0/16', '10.97.0.0', false],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['198.18.0.0/15', '198.20.0.0/24', false],
  ])('%s and %s: %s', (a, b, overlap) => {
    expect(cidrsOverlap(a, b)).toBe(overlap);
  });
});

describe('refuseOverlaps', () => {
  const refuse = (podCidr: string, serviceCidr: string): Promise<void> =>
    refuseOverlaps({ 'pod-cidr': podCidr, 'service-cidr': serviceCidr }, { known: true });

  it('refuses ranges that overlap each other', async () => {
    await expect(refuse('10.0.0.0/8', '10.96.0.0/16')).rejects.toThrow(
      '--pod-cidr=10.0.0.0/8 overlaps --service-cidr=10.96.0.0/16.',
    );
  });

  it.each(['10.0.0.0', '10.0.0.0/4', '10.0.0.0/25', 'fd00::/16', '300.0.0.0/16'])('refuses %s', async (cidr) => {
    await expect(refuse(cidr, '10.96.0.0/16')).rejects.toThrow('is not an IPv4 CIDR between /8 and /24');
  });

  it('refuses a new cluster what the host has on itself', async () => {
    const taken = refuseOverlaps({ 'pod-cidr': '10.0.0.0/16', 'service-cidr': '127.0.0.0/16' }, { known: false });
    await expect(taken).rejects.toThrow("The cluster's range 127.0.0.0/16 overlaps this host's route 127.0.0.0");
  });
});
