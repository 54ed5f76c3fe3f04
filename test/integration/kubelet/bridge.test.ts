import { randomBytes } from 'node:crypto';
import { run } from '../../../component-base/run-command';
import { ensureBridge, removeBridge } from '../../../kubelet/network/bridge';

const suffix = randomBytes(3).toString('hex');
const bridge = `klbr-${suffix}`;
const port = `klpt-${suffix}`;

afterAll(async () => {
  await run('ip', ['link', 'del', 'dev', port]).catch(() => undefined);
  await removeBridge(bridge);
});

async function hardwareAddress(): Promise<string | undefined> {
  const links = JSON.parse((await run('ip', ['-j', 'link', 'show', 'dev', bridge])).stdout) as { address: string }[];
  return links[0]?.address;
}

it("keeps the bridge's hardware address when a port with a lower one comes and goes", async () => {
  await ensureBridge(bridge, '198.18.7.1', '24', 1400);
  const first = await hardwareAddress();
  await run('ip', ['link', 'add', port, 'address', '02:00:00:00:00:01', 'type', 'veth', 'peer', 'name', `${port}p`]);
  await run('ip', ['link', 'set', 'dev', port, 'master', bridge]);
  expect(await hardwareAddress()).toBe(first);
  await run('ip', ['link', 'del', 'dev', port]);
  expect(await hardwareAddress()).toBe(first);
});

it('makes the bridge again as it is', async () => {
  await ensureBridge(bridge, '198.18.7.1', '24', 1400);
  const before = await hardwareAddress();
  await ensureBridge(bridge, '198.18.7.1', '24', 1400);
  expect(await hardwareAddress()).toBe(before);
});
