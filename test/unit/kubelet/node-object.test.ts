import { isContradicted, nodeStatus } from '../../../kubelet/node-object';

const machine = { cpus: 2, memoryBytes: 2 ** 31, diskBytes: 2 ** 34 };
const facts = { machine, maxPods: 110, images: [], problems: [], pressure: {}, hostname: 'n1', nowMs: 0 } as never;

describe('nodeStatus', () => {
  it('lets all be allocated of the extended resources that somebody gave the node, which are not its own to report', () => {
    const capacity = { cpu: '64', 'example.com/gpu': '5' };
    const status = nodeStatus(facts, undefined, capacity);
    expect(status.allocatable).toMatchObject({ cpu: '2', 'example.com/gpu': '5' });
    expect(status.capacity).not.toHaveProperty(['example.com/gpu']);
  });
});

describe('isContradicted', () => {
  const ready = { type: 'Ready', status: 'True' };
  const own = { conditions: [ready] } as never;

  it.each([
    ['nobody knows better', undefined, false],
    ['the same is known', { conditions: [ready] }, false],
    ['others have conditions of their own', { conditions: [ready, { type: 'Tired', status: 'True' }] }, false],
    ['it is told to be silent', { conditions: [{ type: 'Ready', status: 'Unknown' }] }, true],
  ])('when %s', (_when, known, expected) => {
    expect(isContradicted(own, known as never)).toBe(expected);
  });
});
