/** What `kubectl get nodes` shows. Upstream: printNode. */
import { ageColumn, nameColumn, textColumn, wide } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import type { Node } from './types';

const rolePrefix = 'node-role.kubernetes.io/';

function nodeStatus({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const words = [!ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata?.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value) roles.add(value);
  }
  return [...roles].sort().join(',') || '<none>';
}

const addressOf = ({ status }: Node, type: string): string =>
  status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';

const addressesDescription = 'List of addresses reachable to the node.';

export const nodeColumns: TableColumn<Node>[] = [
  nameColumn,
  textColumn('Status', 'The status of the node', nodeStatus),
  textColumn('Roles', 'The roles of the node', nodeRoles),
  ageColumn,
  textColumn(
    'Version',
    'Kubelet Version reported by the node.',
    ({ status }) => status?.nodeInfo?.kubeletVersion ?? '',
  ),
  wide(textColumn('Internal-IP', addressesDescription, (node) => addressOf(node, 'InternalIP'))),
  wide(textColumn('External-IP', addressesDescription, (node) => addressOf(node, 'ExternalIP'))),
  wide(
    textColumn(
      'OS-Image',
      'OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).',
      ({ status }) => status?.nodeInfo?.osImage || '<unknown>',
    ),
  ),
  wide(
    textColumn(
      'Kernel-Version',
      "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
      ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>',
    ),
  ),
  wide(
    textColumn(
      'Container-Runtime',
      'ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2).',
      ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    ),
  ),
];
