/** A volume remembers since when it is in its phase. Upstream: `registry/core/persistentvolume/strategy.go`. */
import type { PersistentVolume } from '../../../api/core/v1/persistentvolume';
import { type Clock, formatTime } from '../../../component-base/clock';
import type { StoreHooks } from '../store';

export const createPersistentVolumeHooks = (clock: Clock): StoreHooks<PersistentVolume> => ({
  beginCreate(_context, { status }) {
    if (status) status.lastPhaseTransitionTime = formatTime(clock.now());
    return Promise.resolve();
  },
  beginUpdate(_context, { status }, old) {
    if (!status) return Promise.resolve();
    const since = old.status?.lastPhaseTransitionTime;
    const told = status.lastPhaseTransitionTime;
    if (status.phase === old.status?.phase) {
      if (since) status.lastPhaseTransitionTime ??= since;
    } else if (told === undefined || told === since) {
      status.lastPhaseTransitionTime = formatTime(clock.now());
    }
    return Promise.resolve();
  },
});
