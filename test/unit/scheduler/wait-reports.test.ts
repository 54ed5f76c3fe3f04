import type { Pod } from '../../../api/core/v1/pod';
import type { Stored } from '../../../api/meta/types';
import type { ActDeps } from '../../../scheduler/act';
import { WaitReports } from '../../../scheduler/wait-reports';
import { createFakeClock, settle } from '../../support/fake-clock';
import { makePod } from '../../support/scheduling';

/** Patches wait until `answer` is called; each gives the pod a newer version with what was patched. */
function start() {
  const patches: { status: object }[] = [];
  const events: string[] = [];
  const waiting: (() => void)[] = [];
  let version = 1;
  let current = makePod('a');
  const client = {
    patch: (_definition: unknown, _name: string, _namespace: string, patch: { status: Pod['status'] }) => {
      patches.push(patch as { status: object });
      return new Promise<Stored<Pod>>((resolve) =>
        waiting.push(() => {
          const metadata = { ...current.metadata, resourceVersion: String(++version) };
          current = { ...current, metadata, status: { ...current.status, ...patch.status } };
          resolve(current);
        }),
      );
    },
  };
  const recorder = { event: (...[, , , message]: string[]) => void events.push(message ?? '') };
  const reports = new WaitReports({
    client,
    recorder,
    clock: createFakeClock(),
    log: { debug() {} },
  } as unknown as ActDeps);
  const answer = async (): Promise<void> => {
    waiting.shift()?.();
    await settle();
  };
  const messages = () =>
    patches.map(({ status }) => (status as Pod['status'])?.conditions?.map(({ message }) => message).join());
  return { reports, patches, events, answer, messages };
}
const unschedulable = (message: string) => ({ reason: 'Unschedulable', message }) as const;

describe('WaitReports', () => {
  const pod = makePod('a');

  it('writes one status of a pod at a time, and of those that came meanwhile only the last', async () => {
    const { reports, events, answer, messages } = start();
    const of = {};
    const all = ['1', '2', '3'].map((message) => reports.report(of, pod, unschedulable(message)));
    expect(messages()).toEqual(['1']);
    await answer();
    expect(messages()).toEqual(['1', '3']);
    await answer();
    expect((await Promise.all(all)).map((each) => each?.metadata.resourceVersion)).toEqual(['3', '3', '3']);
    expect(events).toEqual(['1', '2', '3']);
  });

  it('does not repeat what it wrote and no watch has told yet', async () => {
    const { reports, answer, messages } = start();
    const of = {};
    void reports.report(of, pod, unschedulable('1'));
    await answer();
    await reports.report(of, pod, unschedulable('1'));
    expect(messages()).toEqual(['1']);
    void reports.report(of, pod, unschedulable('2'));
    expect(messages()).toEqual(['1', '2']);
  });

  it('loses no nomination on the way', async () => {
    const { reports, patches, answer } = start();
    const of = {};
    void reports.report(of, pod, unschedulable('1'));
    void reports.report(of, pod, { ...unschedulable('2'), nominatedNodeName: 'n' });
    void reports.report(of, pod, unschedulable('3'));
    await answer();
    expect(patches[1]?.status).toMatchObject({ conditions: [{ message: '3' }], nominatedNodeName: 'n' });
  });
});
