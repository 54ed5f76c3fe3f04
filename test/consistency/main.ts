/**
 * `npm run test:consistency`: the long form. `-- --seconds=600 --seed=7 --servers=3` say how long, which plan (a printed seed
 * gives the same plan again), and how many API servers. The history of a failed run is written beside the message.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runConsistency, summarize } from './run';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '120' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      servers: { type: 'string', default: '2' },
    },
  });
  const [seed, servers] = [Number(values.seed), Number(values.servers)];
  console.log(` • seed ${seed}, ${servers} API servers, ${values.seconds} s`);
  const tell = (line: string): void => console.log(` • ${line}`);
  const result = await runConsistency({ seed, servers, durationMs: Number(values.seconds) * 1000, tell });
  console.log(` • ${summarize(result)}`);
  const { violations, history } = result;
  if (!violations.length) {
    console.log(' ✓ consistent');
    return 0;
  }
  for (const { rule, detail } of violations.slice(0, 50)) console.log(` ✗ ${rule}: ${detail}`);
  const file = join(tmpdir(), `kubelab-consistency-${seed}.json`);
  await writeFile(file, JSON.stringify(history));
  console.log(` ✗ ${violations.length} violations; the history is in ${file}; repeat with --seed=${seed}`);
  return 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
