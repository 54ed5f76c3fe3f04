/** Kubernetes' regex library: `find` and `findAll`, beside the standard `matches`. */
import type { Meter } from '../budget';
import { declare } from '../functions';
import { findLinear, regexCost } from '../regex';
import { ArrayList, type CelList } from '../values';

function findAll(text: string, pattern: string, limit: number, meter: Meter): CelList {
  meter.spend(regexCost(text, pattern));
  const found = findLinear(pattern, text, limit);
  meter.spend(8 * found.length);
  return new ArrayList(found);
}

export const regexLibrary = declare({
  'string.find(string): string': ([text, pattern], meter) => {
    meter.spend(regexCost(text, pattern));
    return findLinear(pattern, text, 1)[0] ?? '';
  },
  'string.findAll(string): list<string>': ([text, pattern], meter) => findAll(text, pattern, Infinity, meter),
  'string.findAll(string, int): list<string>': ([text, pattern, limit], meter) =>
    findAll(text, pattern, limit < 0n ? Infinity : Number(limit), meter),
});
