/** Names that the server makes from `generateName`. Upstream: `apiserver/pkg/storage/names`. */
import { randomSuffix } from './random-suffix';

const suffixLength = 5;
const maxLength = 63;

/** `base` and five random characters; the base is cut so that the name stays a DNS label if it was one. */
export const generateName = (base: string): string =>
  base.slice(0, maxLength - suffixLength) + randomSuffix(suffixLength);
