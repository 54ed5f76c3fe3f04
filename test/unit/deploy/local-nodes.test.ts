import { localNodeNames, nodesToKeep, refuseTooManyNodes } from '../../../deploy/local-nodes';

describe('localNodeNames', () => {
  it('numbers the nodes from 1', () => {
    expect(localNodeNames({ name: 'lab' }, 3)).toEqual(['lab-1', 'lab-2', 'lab-3']);
  });
});

describe('nodesToKeep', () => {
  it('removes the last ones when fewer are wanted, and nothing when more are', () => {
    const present = ['lab-1', 'lab-2', 'lab-3'];
    expect(nodesToKeep(present, ['lab-1'])).toEqual({ kept: ['lab-1'], removed: ['lab-2', 'lab-3'] });
    expect(nodesToKeep(present, [...present, 'lab-4'])).toEqual({ kept: present, removed: [] });
    expect(nodesToKeep([], ['lab-1'])).toEqual({ kept: [], removed: [] });
  });
});

describe('refuseTooManyNodes', () => {
  const GiB = 2 ** 30;
  const refuse = (wanted: number, present: number, freeBytes: number): void =>
    refuseTooManyNodes({ podCidr: '10.244.0.0/16', nodeMaskSize: 24 }, wanted, present, freeBytes);

  it.each([
    [1, 0, 0],
    [16, 0, GiB],
    [256, 240, GiB],
    [3, 9, 0],
  ])('lets %i nodes be where %i were and %i bytes are free', (wanted, present, freeBytes) => {
    expect(() => refuse(wanted, present, freeBytes)).not.toThrow();
  });

  it.each([
    [257, 256, 64 * GiB, '--nodes=257: the pod addresses 10.244.0.0/16 are enough for 256 nodes.'],
    [20, 3, GiB, '--nodes=20: the free memory is enough for 19 nodes.'],
  ])('refuses %i nodes where %i were and %i bytes are free', (wanted, present, freeBytes, message) => {
    expect(() => refuse(wanted, present, freeBytes)).toThrow(message);
  });
});
