import { chooseContainer } from '../../../../apiserver/proxy/pod-streams';

const pod = (containers: string[], more: object = {}, annotations: Record<string, string> = {}): never =>
  ({
    metadata: { name: 'web', annotations },
    spec: { containers: containers.map((name) => ({ name })), ...more },
  }) as never;

describe('chooseContainer', () => {
  it('takes the only one', () => {
    expect(chooseContainer(pod(['main']), '')).toBe('main');
  });

  it('takes the one asked for, also of the init and ephemeral ones', () => {
    const all = pod(['a', 'b'], { initContainers: [{ name: 'init' }], ephemeralContainers: [{ name: 'debug' }] });
    for (const name of ['a', 'b', 'init', 'debug']) expect(chooseContainer(all, name)).toBe(name);
    expect(() => chooseContainer(all, 'c')).toThrow('container c is not valid for pod web');
  });

  it('takes the annotated one of several', () => {
    const preferred = { 'kubectl.kubernetes.io/default-container': 'b' };
    expect(chooseContainer(pod(['a', 'b'], {}, preferred), '')).toBe('b');
  });

  it('wants a choice between several', () => {
    expect(() => chooseContainer(pod(['a', 'b']), '')).toThrow(
      'a container name must be specified for pod web, choose one of: [a b]',
    );
    expect(() => chooseContainer(pod(['a', 'b'], { initContainers: [{ name: 'i' }, { name: 'j' }] }), '')).toThrow(
      'choose one of: [a b] or one of the init containers: [i j]',
    );
  });
});
