/** Prefers nodes that have the pod's images already, the more so the larger and the less rare they are. */
import { maxNodeScore, type Plugin } from '../framework';
import type { NodeInfo, PodInfo } from '../node-info';

const megabyte = 1024 * 1024;
const minThreshold = 23 * megabyte;
const maxContainerThreshold = 1000 * megabyte;

/** As nodes report it: with a tag or digest. */
const normalized = (name: string): string => (name.lastIndexOf(':') > name.lastIndexOf('/') ? name : `${name}:latest`);

const imagesOf = ({ pod }: PodInfo): string[] =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(({ image }) => normalized(image ?? ''));

export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  prepareScore(pod, _nodes, all) {
    const wanted = imagesOf(pod);
    const spread = (image: string): number => all.filter((node) => node.images.has(image)).length / (all.length || 1);
    return wanted.map((image) => ({ image, spread: spread(image) }));
  },
  score(images: { image: string; spread: number }[], _pod: PodInfo, node: NodeInfo) {
    const sum = images.reduce((total, { image, spread }) => total + (node.images.get(image) ?? 0) * spread, 0);
    const max = maxContainerThreshold * images.length;
    const clamped = Math.min(Math.max(sum, minThreshold), max);
    return Math.floor((maxNodeScore * (clamped - minThreshold)) / (max - minThreshold));
  },
};
