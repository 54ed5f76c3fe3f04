import { refuseWrongFlags, withExtraConfig } from '../../../deploy/extra-config';

describe('withExtraConfig', () => {
  it.each([
    ['takes a flag', undefined, ['apiserver.v=4'], { apiserver: { v: '4' } }],
    [
      'keeps what was given before',
      { kubelet: { v: '2' } },
      ['etcd.log-level=info'],
      { kubelet: { v: '2' }, etcd: { 'log-level': 'info' } },
    ],
    ['takes another value', { apiserver: { v: '2' } }, ['apiserver.v=4'], { apiserver: { v: '4' } }],
    [
      'forgets a flag without a value',
      { apiserver: { v: '2' }, kubelet: { v: '1' } },
      ['apiserver.v='],
      { kubelet: { v: '1' } },
    ],
    [
      'takes values with commas and equals signs',
      undefined,
      ['apiserver.enable-admission-plugins=A', 'B', 'kubelet.node-labels=a=b', 'c=d'],
      { apiserver: { 'enable-admission-plugins': 'A,B' }, kubelet: { 'node-labels': 'a=b,c=d' } },
    ],
    ['keeps everything when nothing is asked for', { apiserver: { v: '2' } }, [], { apiserver: { v: '2' } }],
  ])('%s', (_what, kept, entries, expected) => {
    expect(withExtraConfig(kept, entries)).toEqual(expected);
  });

  it.each(['v=4', 'nothing', 'toaster.v=4', 'apiserver.v'])('refuses %s', (entry) => {
    expect(() => withExtraConfig(undefined, [entry])).toThrow(`--extra-config=${entry} is not a flag of a component.`);
  });
});

describe('refuseWrongFlags', () => {
  const program = (script: string) => ({
    name: 'kube-apiserver',
    command: process.execPath,
    args: ['-e', script, '--', '--bogus=1'],
    stopTimeoutMs: 0,
  });

  it('tells what a program says of its flags', async () => {
    const refusing = program("console.error('Error: unknown flag: --bogus'); process.exit(1)");
    await expect(refuseWrongFlags([refusing], { apiserver: { bogus: '1' } })).rejects.toThrow(
      'kube-apiserver does not take its flags: unknown flag: --bogus.',
    );
  });

  it('asks nobody when no flag was added', async () => {
    await expect(refuseWrongFlags([program('process.exit(1)')], {})).resolves.toBeUndefined();
  });
});
