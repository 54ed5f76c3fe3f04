import { type GraceInput, graceSecondsOf } from '../../../../kubelet/pods/termination-grace';
import { podOf } from './pod-fixtures';

const pod = podOf({ terminationGracePeriodSeconds: 40 });
const deleted = podOf({}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 7 } });
const fromFile = { ...pod, metadata: { annotations: { 'kubernetes.io/config.source': 'file' } } };

it.each<[what: string, input: Partial<GraceInput>, seconds: number]>([
  ['that ends by itself', { pod }, 40],
  ['that is deleted', { pod: deleted }, 7],
  ['that was deleted by force', { pod, removed: true }, 1],
  ['whose manifest is gone', { pod: fromFile, removed: true }, 40],
  ['that only its containers remember', { pod: undefined, removed: true }, 12],
  ['that is evicted', { pod, evictionGraceSeconds: 1 }, 1],
  ['that is evicted while it is being deleted', { pod: deleted, evictionGraceSeconds: 20 }, 7],
])('a pod %s', (_what, input, seconds) => {
  expect(graceSecondsOf({ pod, removed: false, labelledGraceSeconds: () => 12, ...input })).toBe(seconds);
});
