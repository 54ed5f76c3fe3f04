import { defineFlags, FlagError, HelpRequested, parseDuration, parseFlags } from '../../../component-base/flags';

const flags = defineFlags({
  kubeconfig: { type: 'string', help: 'Path.' },
  'secure-port': { type: 'int', default: 10259, help: 'Port.' },
  'leader-elect': { type: 'bool', default: true, help: 'Lead.' },
  'retry-period': { type: 'duration', default: '2s', help: 'Retry.' },
  controllers: { type: 'list', default: ['*'], help: 'Which.' },
});
const parse = (...argv: string[]) => parseFlags(flags, argv, 'kube-test');

describe('parseFlags', () => {
  it('gives typed defaults under camelCased names', () => {
    expect(parse()).toEqual({
      kubeconfig: '',
      securePort: 10259,
      leaderElect: true,
      retryPeriod: 2000,
      controllers: ['*'],
      v: 0,
    });
  });

  it('takes values after "=" and as the next argument, and bare booleans', () => {
    expect(parse('--kubeconfig', '/a', '--secure-port=0', '--leader-elect', '-v=4')).toMatchObject({
      kubeconfig: '/a',
      securePort: 0,
      leaderElect: true,
      v: 4,
    });
    expect(parse('--leader-elect=false').leaderElect).toBe(false);
  });

  it('replaces the default of a list, and joins repeated ones', () => {
    expect(parse('--controllers=a,b', '--controllers', 'c').controllers).toEqual(['a', 'b', 'c']);
  });

  it('takes underscores for dashes', () => {
    expect(parse('--secure_port=1').securePort).toBe(1);
  });

  it.each([
    [['--nope'], 'unknown flag: --nope'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['--toString=1'], 'unknown flag: --toString'],
    [['--kubeconfig'], 'flag needs an argument: --kubeconfig'],
    [
      ['--secure-port=x'],
      'invalid argument "x" for "--secure-port" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [['--retry-period=5'], 'invalid argument "5" for "--retry-period" flag: time: invalid duration "5"'],
    [['start'], 'kube-test does not take any arguments, got ["start"]'],
  ])('refuses %j as pflag does', (argv, message) => {
    expect(() => parse(...argv)).toThrow(new FlagError(message));
  });

  it('answers --help with every flag and its default', () => {
    const help = (() => {
      try {
        parse('--help');
      } catch (error) {
        return error as HelpRequested;
      }
      throw new Error('no help');
    })();
    expect(help).toBeInstanceOf(HelpRequested);
    expect(help.message).toContain('--secure-port int');
    expect(help.message).toContain('(default 10259)');
  });
});

describe('parseDuration', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['300ms', 300],
    ['0', 0],
    ['-2s', -2000],
    ['5', undefined],
    ['', undefined],
  ])('reads %j', (text, expected) => expect(parseDuration(text)).toBe(expected));
});
