/** The node's bridge, there before the first pod: on a shared engine its gateway address is the node's InternalIP. */
import { run } from '../../component-base/run-command';

interface Link {
  ifname: string;
  mtu: number;
}

/** The MTU of the interface of the default route; 1500 without one. */
export async function defaultMtu(): Promise<number> {
  const routes = JSON.parse((await run('ip', ['-j', 'route', 'show', 'default'])).stdout || '[]') as { dev: string }[];
  const device = routes[0]?.dev;
  if (!device) return 1500;
  const links = JSON.parse((await run('ip', ['-j', 'link', 'show', 'dev', device])).stdout) as Link[];
  return links[0]?.mtu ?? 1500;
}

/**
 * The hardware address of a bridge with this IPv4 address. Without one of its own a bridge takes the lowest of its ports': it
 * changes as pods come and go, and a pod that resolved the gateway just before sends into nothing until its entry times out.
 */
function hardwareAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['0a', '58', ...bytes].join(':');
}

/** Makes the bridge and gives it the addresses, whatever is there already. */
export async function ensureBridge(name: string, address: string, prefixLength: string, mtu: number): Promise<void> {
  const exists = await run('ip', ['link', 'show', 'dev', name]).then(
    () => true,
    () => false,
  );
  if (!exists) await run('ip', ['link', 'add', 'name', name, 'mtu', String(mtu), 'type', 'bridge']);
  await run('ip', ['link', 'set', 'dev', name, 'address', hardwareAddress(address)]);
  await run('ip', ['addr', 'replace', `${address}/${prefixLength}`, 'dev', name]);
  await run('ip', ['link', 'set', 'dev', name, 'up']);
}

export async function removeBridge(name: string): Promise<void> {
  await run('ip', ['link', 'del', 'dev', name]).catch(() => undefined);
}
