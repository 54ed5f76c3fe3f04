import { localNodeNames, nodesToKeep } from '../../../deploy/local-nodes';

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
