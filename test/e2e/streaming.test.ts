/** logs, exec, attach, cp and port-forward, with every kubectl at hand. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlOf } from '../support/commands';
import { itSince } from '../support/kubectl-features';
import { useNamespace } from '../support/shared-cluster';
import { until } from '../support/until';

const ns = useNamespace('streaming');
const { kubectl } = ns;

const versions = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.33'].filter((minor) => existsSync(kubectlOf(minor)));
if (!versions.length) console.warn('no other kubectl versions on this machine: only the one on the PATH is tested');
/** The one on the PATH alone, where there is no other. */
const others: (string | undefined)[] = versions.length ? versions : [undefined];

beforeAll(async () => {
  await ns.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'talker' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'kubelab/busybox:1',
          command: ['sh', '-c', 'echo out 1; echo err 1 >&2; echo out 2; httpd -f -p 127.0.0.1:8080 -h /etc'],
        },
        {
          name: 'cat',
          image: 'kubelab/busybox:1',
          command: ['sh', '-c', 'echo ready; while read l; do echo "got $l"; done'],
          stdin: true,
        },
      ],
    },
  });
  await kubectl('wait', '--for=condition=Ready', 'pod/talker', '--timeout=60s');
});

describe('logs', () => {
  it('prints both streams, a tail, timestamps and all containers', async () => {
    const linesOf = async (container: string): Promise<string[]> =>
      (await kubectl('logs', 'talker', '-c', container)).split('\n').sort();
    const lines = await until('all lines', async () => {
      const [main, cat] = [await linesOf('main'), await linesOf('cat')];
      return main.length >= 4 && cat.length >= 2 && main;
    });
    expect(lines).toEqual(['', 'err 1', 'out 1', 'out 2']);
    expect(await kubectl('logs', 'talker', '-c', 'main', '--tail=1')).toMatch(/^(out|err) \d\n$/);
    expect(await kubectl('logs', 'talker', '-c', 'cat', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ready\n$/);
    expect(await kubectl('logs', 'talker', '--all-containers', '--prefix')).toContain('[pod/talker/cat] ready');
  });

  it('follows until the container ends', async () => {
    await kubectl(
      'run',
      'counter',
      '--image=kubelab/busybox:1',
      '--restart=Never',
      '--',
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; usleep 200000; done',
    );
    await until(
      'the container is there',
      async () => (await ns.run(['logs', 'counter'], { allowFailure: true })).code === 0,
    );
    expect(await kubectl('logs', '-f', 'counter')).toBe('1\n2\n3\n');
  });

  it('prints the previous container', async () => {
    await kubectl('run', 'crasher', '--image=kubelab/busybox:1', '--', 'sh', '-c', 'echo run $(date +%s); exit 3');
    await until(
      'a restart',
      async () =>
        Number(await kubectl('get', 'pod', 'crasher', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}')) >=
        1,
    );
    expect(await kubectl('logs', '-p', 'crasher')).toMatch(/^run \d+\n$/);
    await kubectl('delete', 'pod', 'crasher', '--now');
  });

  it('explains why there are none', async () => {
    const result = await ns.run(['logs', 'talker', '-c', 'nobody'], { allowFailure: true });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('container nobody is not valid for pod talker');
  });
});

describe('exec', () => {
  it('passes output, errors, input and the exit code', async () => {
    const result = await ns.run(
      ['exec', '-i', 'talker', '-c', 'main', '--', 'sh', '-c', 'cat; echo oops >&2; exit 7'],
      {
        input: 'through stdin\n',
        allowFailure: true,
      },
    );
    expect(result.stdout).toBe('through stdin\n');
    expect(result.stderr).toContain('oops');
    expect(result.code).toBe(7);
  });

  it('carries megabytes unharmed', async () => {
    const { stdout } = await ns.run([
      'exec',
      'talker',
      '-c',
      'main',
      '--',
      'sh',
      '-c',
      'head -c 8000000 /dev/zero | tr "\\0" x',
    ]);
    expect(stdout.length).toBe(8_000_000);
    expect(/^x+$/.test(stdout)).toBe(true);
  });

  it('gives a terminal', async () => {
    // The size arrives beside the command: it is asked for until it is there.
    const size = 'tty; until stty size 2>/dev/null | grep 101; do usleep 50000; done';
    const { stdout } = await runInTerminal(['exec', '-it', 'talker', '-c', 'main', '--', 'sh', '-c', size]);
    expect(stdout).toMatch(/\/dev\/pts\/\d+\s[^]*33 101\s/);
  });

  it('says that a command does not exist', async () => {
    const result = await ns.run(['exec', 'talker', '-c', 'main', '--', 'no-such-command'], { allowFailure: true });
    expect(result.code).toBe(126);
    // The engine tells it on the command's output, as with dockershim.
    expect(result.stdout).toContain('executable file not found');
  });
});

/** Under `script`, so that kubectl finds a terminal. */
function runInTerminal(args: string[]): Promise<{ stdout: string }> {
  const command = ['kubectl', '--kubeconfig', ns.cluster.kubeconfig, '-n', ns.name, ...args]
    .map((word) => `'${word}'`)
    .join(' ');
  return new Promise((resolve) => {
    const child = spawn('script', ['-qec', `stty rows 33 cols 101; ${command}`, '/dev/null'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.on('close', () => resolve({ stdout }));
  });
}

describe('attach', () => {
  it('joins the running process', async () => {
    const child = spawn('kubectl', [
      '--kubeconfig',
      ns.cluster.kubeconfig,
      '-n',
      ns.name,
      'attach',
      '-i',
      'talker',
      '-c',
      'cat',
    ]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      const echoed = await until(
        'an echo',
        () => {
          child.stdin.write('hello\n');
          return output.includes('got hello');
        },
        { everyMs: 300 },
      );
      expect(echoed).toBe(true);
    } finally {
      child.kill();
    }
  });
});

describe('run --rm', () => {
  it('gives a pod the terminal of the caller, its exit code back, and removes it', async () => {
    const result = await ns.run(
      ['run', 'once', '--rm', '-i', '--quiet', '--image=kubelab/busybox:1', '--restart=Never', '--', 'sh'],
      { input: 'sleep 1; echo got this; exit 5\n', allowFailure: true },
    );
    expect(result.stdout).toBe('got this\n');
    expect(result.stderr).not.toContain('falling back');
    expect(result.code).toBe(5);
    expect((await ns.run(['get', 'pod', 'once', '--ignore-not-found'])).stdout).toBe('');
  });
});

describe('run --rm of what ends at once', () => {
  it.each([1, 2, 3, 4])('prints its output and returns, though the caller sends on (%i)', async (n) => {
    const where = ['--kubeconfig', ns.cluster.kubeconfig, '-n', ns.name];
    const how = ['--rm', '-i', '--image=kubelab/busybox:1', '--restart=Never'];
    // Its stdin stays open.
    const child = spawn('kubectl', [...where, 'run', `brief-${n}`, ...how, '--', 'echo', 'said so']);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    child.stdin.destroy();
    expect(output).toContain('said so\n');
    expect(code).toBe(0);
  });
});

describe('debug', () => {
  itSince(27, 'profiles of debug')('adds a container to a running pod and sees its processes', async () => {
    const flags = ['-i', '--image=kubelab/busybox:1', '--profile=general', '--target=main', '--quiet'];
    // What it prints before kubectl has attached would be lost: it waits for input.
    const command = ['--', 'sh', '-c', 'read go; ps'];
    const { stdout } = await ns.run(['debug', 'talker', ...flags, ...command], { input: 'go\n' });
    expect(stdout).toContain('httpd -f');
  });
});

describe('cp', () => {
  it('copies there and back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubelab-cp-'));
    try {
      await writeFile(join(folder, 'there'), 'some bytes\n'.repeat(10_000));
      await kubectl('cp', join(folder, 'there'), 'talker:/tmp/copied', '-c', 'main');
      await kubectl('cp', 'talker:/tmp/copied', join(folder, 'back'), '-c', 'main');
      expect(await readFile(join(folder, 'back'), 'utf8')).toBe('some bytes\n'.repeat(10_000));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Forwards a free local port to the pod's 8080, which listens on localhost only, and asks it once. */
async function askThroughForward(version?: string): Promise<string> {
  const child = spawn(kubectlOf(version), [
    '--kubeconfig',
    ns.cluster.kubeconfig,
    '-n',
    ns.name,
    'port-forward',
    'pod/talker',
    ':8080',
  ]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    const port = await until('kubectl to listen', () => {
      const match = /127\.0\.0\.1:(\d+) -> 8080/.exec(output);
      return match ? Number(match[1]) : undefined;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${output}`);
    });
    return await new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /passwd HTTP/1.0\r\n\r\n'));
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
  } finally {
    child.kill();
  }
}

describe('port-forward', () => {
  it('reaches a server that listens on localhost', async () => {
    expect(await askThroughForward()).toContain('root:x:0:0');
  });
});

describe.each(others)('kubectl %s', (version) => {
  it('gets, applies, explains, execs, forwards and reads logs', async () => {
    const old = (args: string[], input?: string): Promise<{ stdout: string }> =>
      ns.run(args, { ...(version && { version }), ...(input !== undefined && { input }) });
    expect((await old(['get', 'pod', 'talker', '-o', 'name'])).stdout).toBe('pod/talker\n');
    expect((await old(['get', 'pods', '-o', 'wide'])).stdout).toContain('talker');
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `by-${version}` }, data: { a: 'b' } };
    expect((await old(['apply', '-f', '-'], JSON.stringify(manifest))).stdout).toBe(
      `configmap/by-${version} created\n`,
    );
    expect((await old(['explain', 'pod.spec.containers'])).stdout).toContain('imagePullPolicy');
    expect((await old(['exec', 'talker', '-c', 'main', '--', 'echo', 'hi'])).stdout).toBe('hi\n');
    expect((await old(['logs', 'talker', '-c', 'cat', '--tail=-1'])).stdout).toContain('ready');
    expect(await askThroughForward(version)).toContain('root:x:0:0');
  });
});
