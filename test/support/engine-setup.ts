/** Makes sure that an engine runs and has the images of the tests, before the first test that needs them. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, ensureEngine } from '../../deploy/engine';
import { ensureTestImages } from './test-images';

export default async function setUp(): Promise<void> {
  const engine = createEngine();
  await ensureEngine(engine, join(tmpdir(), 'kubelab-test-dockerd.log'));
  await ensureTestImages(engine);
}
