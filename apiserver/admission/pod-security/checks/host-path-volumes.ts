import { type Check, plural, quoted } from '../check';

export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    {
      since: 0,
      check({ spec }) {
        const bad = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
        if (!bad.length) return undefined;
        return { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', bad.length)} ${quoted(bad)}` };
      },
    },
  ],
};
