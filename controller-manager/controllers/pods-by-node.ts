/** The index of pods by the node they are bound to. */
import type { Pod } from '../../api/core/v1/pod';
import type { Stored } from '../../api/meta/types';
import type { Informer } from '../../client/informer';

const nodeIndex = 'nodeName';

/** Adds the index; gives its look-up. */
export function indexByNode(informer: Informer<Pod>): (nodeName: string) => Stored<Pod>[] {
  informer.addIndex(nodeIndex, ({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  return (nodeName) => informer.lister.byIndex(nodeIndex, nodeName);
}
