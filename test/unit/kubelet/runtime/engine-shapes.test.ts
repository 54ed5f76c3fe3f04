import { toStatus } from '../../../../kubelet/runtime/engine-shapes';

const never = '0001-01-01T00:00:00Z';
const inspected = (state: object) =>
  toStatus({
    ...{ Id: 'c', Name: '/c', Image: 'sha256:1', Created: '2026-01-01T00:00:00Z' },
    State: { Status: 'created', ExitCode: 0, StartedAt: never, FinishedAt: never, Error: '', ...state },
    Config: { Labels: {}, Image: 'app:1' },
    HostConfig: {},
  } as never);

describe('a container of the engine', () => {
  it('was only created', () => {
    expect(inspected({})).toMatchObject({ state: 'created' });
  });

  it.each([
    ['the program is not there', 127, 127],
    ['the program may not be run', 126, 126],
    ['nobody tells why', 0, 128],
  ])('has exited when it could not be started: %s', (_why, ExitCode, exitCode) => {
    expect(inspected({ ExitCode, Error: 'no start' })).toMatchObject({
      state: 'exited',
      exitCode,
      error: 'no start',
      finishedAtMs: Date.UTC(2026, 0, 1),
    });
  });
});
