import { type Cluster, newCluster } from '../../../deploy/cluster';
import { refuseUnfit } from '../../../deploy/join';

describe('refuseUnfit', () => {
  const cluster = (changes: Partial<Cluster> = {}): Cluster => ({
    ...newCluster({ name: 'lab', hostAddress: '192.0.2.1' }),
    role: 'worker',
    id: 'aaaaaaaa',
    ...changes,
  });

  it('lets a host join again', async () => {
    await expect(refuseUnfit(cluster(), cluster())).resolves.toBeUndefined();
  });

  it.each([
    ['the host of the control plane', cluster({ role: 'control-plane' }), 'runs on this host already'],
    ['a node of an earlier cluster of that name', cluster({ id: 'bbbbbbbb' }), 'is a node of an earlier cluster lab'],
  ])('refuses %s', async (_what, known, message) => {
    await expect(refuseUnfit(cluster(), known)).rejects.toThrow(message);
  });
});
