/** A member of etcd that has lost the others: whoever watches through it must hear of it. */
import { Etcd } from '../../../apiserver/storage/etcd';
import { systemClock } from '../../../component-base/clock';
import { startEtcdCluster, type TestEtcdCluster } from '../../support/etcd-cluster';

let members: TestEtcdCluster;
let etcd: Etcd;

beforeAll(async () => {
  members = await startEtcdCluster();
  etcd = new Etcd({ endpoints: members.endpoints.slice(0, 1), clock: systemClock });
});

afterAll(async () => {
  etcd?.close();
  await members?.stop();
});

it('ends a watch through a member without a leader', async () => {
  const { revision } = await etcd.range({ start: '/registry/', countOnly: true });
  let created = (): void => undefined;
  const open = new Promise<void>((resolve) => (created = resolve));
  const closed = new Promise<Error>((resolve) => {
    void etcd.openWatch('/registry/', '/registry0', revision + 1, {
      created: () => created(),
      events: () => undefined,
      compacted: () => undefined,
      closed: resolve,
    });
  });
  await open;
  await Promise.all([members.kill(1), members.kill(2)]);
  expect((await closed).message).toMatch(/no leader/);
});
