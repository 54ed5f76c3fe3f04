import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutOf, makeLayout } from '../../../deploy/cluster';
import { createProgress } from '../../../deploy/progress';
import { up } from '../../../deploy/up';

describe('up', () => {
  let home: string;
  const { KUBELAB_HOME } = process.env;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'kubelab-test-'));
    process.env.KUBELAB_HOME = join(home, 'kubelab');
  });
  afterEach(async () => {
    if (KUBELAB_HOME === undefined) delete process.env.KUBELAB_HOME;
    else process.env.KUBELAB_HOME = KUBELAB_HOME;
    await rm(home, { recursive: true });
  });
  const run = (...argv: string[]): Promise<void> =>
    up(
      argv,
      createProgress(() => {}),
    );

  it.each([
    [['--name', '../elsewhere'], '"../elsewhere" is not a cluster name.'],
    [['--nodes=-1'], '--nodes=-1 is no number of nodes.'],
  ])('refuses %s before it makes anything', async (argv, message) => {
    await expect(run(...argv)).rejects.toThrow(message);
    expect(existsSync(join(home, 'kubelab'))).toBe(false);
    expect(existsSync(join(home, 'elsewhere'))).toBe(false);
  });

  it('leaves a cluster that runs in containers to docker compose', async () => {
    const layout = layoutOf('lab');
    await makeLayout(layout);
    await writeFile(join(layout.root, 'compose.yaml'), 'services: {}\n');
    await expect(run('--name', 'lab')).rejects.toThrow('The cluster lab runs in containers.');
  });
});
