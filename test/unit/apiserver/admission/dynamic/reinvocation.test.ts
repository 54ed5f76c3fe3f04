import type { AdmissionAttributes } from '../../../../../apiserver/admission/admission';
import { Reinvocation } from '../../../../../apiserver/admission/dynamic/reinvocation';

/** Plays both rounds over hooks that are named `letter`, or `letter!` when they may be called again. */
function play(hooks: string[], changes: (hook: string, round: number) => boolean, builtIn?: () => unknown): string[] {
  const attributes = { object: { value: 1 } } as unknown as AdmissionAttributes;
  const calls: string[] = [];
  for (const round of [0, 1]) {
    const plugin = Reinvocation.of(attributes, 'plugin');
    if (round === 1) {
      if (!attributes.reinvocation!.needed) break;
      attributes.reinvocation!.active = true;
      if (builtIn) attributes.object = builtIn();
    }
    plugin.begin(attributes.object);
    for (const hook of hooks) {
      if (!plugin.isDue(hook)) continue;
      calls.push(hook);
      plugin.record(hook, changes(hook, round), hook.endsWith('!'));
    }
    plugin.end(attributes.object);
  }
  return calls;
}

describe('the second round', () => {
  it('does not happen when nothing was changed', () => {
    expect(play(['a!', 'b'], () => false)).toEqual(['a!', 'b']);
  });

  it('calls those that were called before the change and may be called again', () => {
    expect(play(['a!', 'b', 'c', 'd!'], (hook) => hook === 'c')).toEqual(['a!', 'b', 'c', 'd!', 'a!']);
  });

  it('does not call the one that made the only change', () => {
    expect(play(['a!'], () => true)).toEqual(['a!']);
  });

  it('calls all that may be called again when a built-in plugin changed the object between', () => {
    expect(
      play(
        ['a!', 'b!', 'c'],
        (hook, round) => round === 0 && hook === 'a!',
        () => ({ value: 2 }),
      ),
    ).toEqual(['a!', 'b!', 'c', 'a!', 'b!']);
  });
});
