import { selectPlugins } from '../../../../apiserver/admission/enabled-plugins';

const all = ['NamespaceLifecycle', 'AlwaysPullImages', 'Priority'].map((name) => ({ name, operations: [] }));
const names = (enable: string[], disable: string[]) => selectPlugins(all, enable, disable).map(({ name }) => name);

describe('selectPlugins', () => {
  it('runs the defaults, what is asked for, and not what is refused', () => {
    expect(names([], [])).toEqual(['NamespaceLifecycle', 'Priority']);
    expect(names(['AlwaysPullImages'], ['NamespaceLifecycle'])).toEqual(['AlwaysPullImages', 'Priority']);
    expect(names([], ['EventRateLimit'])).toEqual(['NamespaceLifecycle', 'Priority']);
  });

  it('refuses names that are none, or contradict each other', () => {
    expect(() => names(['Nonsense'], [])).toThrow('enable-admission-plugins plugin "Nonsense" is unknown');
    expect(() => names([], ['Nonsense'])).toThrow('disable-admission-plugins plugin "Nonsense" is unknown');
    expect(() => names(['Priority'], ['Priority'])).toThrow(
      '[Priority] in enable-admission-plugins and disable-admission-plugins overlapped',
    );
  });
});
