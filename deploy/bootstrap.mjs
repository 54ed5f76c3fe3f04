// The first thing that runs on a fresh machine: plain JavaScript without dependencies. It installs what is missing,
// builds, and hands over to the compiled command. Usage: node deploy/bootstrap.mjs <command> [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.env.PATH = [process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');

/** What each command needs of the host: a Debian package, and what shows that it is there. */
const onPath = (name) => () =>
  process.env.PATH.split(':').some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
const fileExists = (path) => () => existsSync(path);
const isStaticBusybox = () =>
  spawnSync('dpkg-query', ['-W', '-f', '${Status}', 'busybox-static']).stdout?.includes('install ok installed') ??
  false;

const node = [
  // An engine that answers is used as it is; where there is none, Debian's is installed.
  { package: 'docker.io', present: () => existsSync('/var/run/docker.sock') || onPath('dockerd')() },
  { package: 'containernetworking-plugins', present: fileExists('/usr/lib/cni/bridge') },
  { package: 'catatonit', present: fileExists('/usr/bin/catatonit') },
  { package: 'busybox-static', present: isStaticBusybox },
  { package: 'iproute2', present: onPath('ip') },
  { package: 'iptables', present: onPath('iptables') },
];
const controlPlane = [
  ...node,
  { package: 'etcd-server', present: onPath('etcd') },
  { package: 'kubernetes-client', present: onPath('kubectl') },
];
const etcdOnly = [{ package: 'etcd-server', present: onPath('etcd') }];
const composing = [
  ...controlPlane,
  {
    package: 'docker-compose',
    present: () => onPath('docker-compose')() || spawnSync('docker', ['compose', 'version']).status === 0,
  },
];
const testing = [
  ...controlPlane,
  { package: 'etcd-client', present: onPath('etcdctl') },
  { package: 'docker-registry', present: onPath('docker-registry') },
];

/** Which packages a command needs, and what it runs once everything is built. */
const main = ['dist/deploy/main.js'];
const commands = {
  up: { packages: controlPlane, root: true, run: [...main, 'up'] },
  down: { packages: [], root: true, run: [...main, 'down'] },
  join: { packages: node, root: true, run: [...main, 'join'] },
  leave: { packages: [], root: true, run: [...main, 'leave'] },
  compose: { packages: composing, root: true, run: [...main, 'compose'] },
  build: { packages: [] },
  test: { packages: testing, root: true, run: ['dist/test/run.js'] },
  'test:hostile': {
    packages: etcdOnly,
    run: ['dist/test/run.js', '--selectProjects', 'integration', '--testPathPatterns', 'hostile-input'],
    env: { KUBELAB_LONG_TESTS: '1' },
  },
  'test:fuzz': {
    packages: [],
    run: [
      'dist/test/run.js',
      '--selectProjects',
      'unit',
      '--testPathPatterns',
      'selectors|patch/|cel/hostile|bitmap|heap',
    ],
    env: { KUBELAB_LONG_TESTS: '1' },
  },
  'test:consistency': { packages: etcdOnly, run: ['dist/test/consistency/main.js'] },
  bench: { packages: testing, root: true, run: ['dist/test/bench/main.js'] },
  'bench:api': { packages: etcdOnly, run: ['dist/test/bench/api/main.js'] },
};

function fail(sentence, remedy) {
  console.error(` ✗ ${sentence}${remedy ? ` ${remedy}` : ''}`);
  process.exit(1);
}

function step(title, work) {
  const begin = Date.now();
  process.stdout.write(` • ${title} … `);
  work();
  console.log(`✓ (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 1e8,
  });
  if (result.status === 0) return;
  console.log('✗');
  console.error(((result.stdout ?? '') + (result.stderr ?? '')).trim());
  fail(`"${[command, ...args].join(' ')}" failed.`, result.error?.message ?? '');
}

function installPackages(needed) {
  const missing = needed.filter(({ present }) => !present()).map((entry) => entry.package);
  if (!missing.length) return;
  if (process.getuid() !== 0)
    fail(`These Debian packages are missing: ${missing.join(' ')}.`, 'Install them, or run this as root.');
  if (!onPath('apt-get')())
    fail(`This machine lacks ${missing.join(', ')} and has no apt-get.`, 'Install them by hand.');
  step(`Installing ${missing.join(', ')}`, () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-q'], env);
    // etcd must not start by itself: the cluster runs its own.
    run('sh', ['-c', `apt-get install -y -q --no-install-recommends ${missing.join(' ')}`], {
      ...env,
      RUNLEVEL: '1',
    });
    if (missing.includes('etcd-server') && existsSync('/run/systemd/system')) {
      spawnSync('systemctl', ['disable', '--now', 'etcd']);
    }
  });
}

/** `npm ci` when the lock file is not the one that was installed last. */
function installModules() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.kubelab-lock');
  const lastListing = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(lastListing) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  step('Installing npm packages', () => {
    run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
    writeFileSync(stamp, hash);
  });
}

function build() {
  step('Building', () => {
    run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
    run(process.execPath, ['dist/api/schema/generate.js']);
  });
}

const [name, ...args] = process.argv.slice(2);
const command = commands[name];
if (!command) fail(`"${name ?? ''}" is not a command.`, `Commands: ${Object.keys(commands).join(', ')}.`);
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  fail(`Node ${process.versions.node} is too old.`, 'Install Node 20.19 or later.');
if (command.root && process.getuid() !== 0) {
  fail(`"npm run ${name}" needs root, for networks, mounts and the Docker Engine.`, `Run: sudo npm run ${name}`);
}
if (name !== 'down' && name !== 'leave') {
  installPackages(command.packages);
  installModules();
  build();
} else if (!existsSync(join(root, 'dist/deploy/main.js'))) {
  fail('kubelab is not built here.', 'Run "npm run up" first.');
}
if (command.run) {
  const env = { ...process.env, ...command.env };
  const child = spawn(process.execPath, [...command.run, ...args], { cwd: root, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
