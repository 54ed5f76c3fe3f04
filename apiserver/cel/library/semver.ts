/** Kubernetes' semver library: versions after semver.org 2.0.0, optionally normalized first. */
import { Failure } from '../errors';
import { declare } from '../functions';
import { CelOpaque } from '../values';
import { traverse } from './ranges';

class SemverValue extends CelOpaque {
  readonly typeName = 'kubernetes.Semver';

  constructor(
    readonly core: [bigint, bigint, bigint],
    readonly prerelease: string[],
  ) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other instanceof SemverValue && compareSemver(this, other) === 0;
  }
}

const numeric = '(0|[1-9]\\d{0,18})';
const shape = new RegExp(
  `^${numeric}\\.${numeric}\\.${numeric}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

function parseSemver(text: string): SemverValue | undefined {
  const match = text.length <= 256 ? shape.exec(text) : null;
  if (!match) return undefined;
  const prerelease = match[4]?.split('.') ?? [];
  if (prerelease.some((part) => /^0\d+$/.test(part))) return undefined;
  return new SemverValue([BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)], prerelease);
}

/** Drops a leading `v`, adds missing minor and patch numbers, drops leading zeros. */
function normalize(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return numbers.join('.') + rest;
}

function compareSemver(a: SemverValue, b: SemverValue): number {
  for (let i = 0; i < 3; i++) if (a.core[i] !== b.core[i]) return a.core[i]! < b.core[i]! ? -1 : 1;
  if (!a.prerelease.length || !b.prerelease.length) return Math.sign(b.prerelease.length - a.prerelease.length);
  for (let i = 0; i < Math.max(a.prerelease.length, b.prerelease.length); i++) {
    const [x, y] = [a.prerelease[i], b.prerelease[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [numberX, numberY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (numberX && numberY) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (numberX !== numberY) return numberX ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

const read = (text: string): SemverValue => {
  const version = parseSemver(text);
  if (!version) throw new Failure(`semver parse error during conversion from string: ${JSON.stringify(text)}`);
  return version;
};

export const semverLibrary = declare({
  'semver(string): kubernetes.Semver': ([text], meter) => {
    traverse(meter, text.length);
    return read(text);
  },
  'semver(string, bool): kubernetes.Semver': ([text, normal], meter) => {
    traverse(meter, 2 * text.length);
    return read(normal ? normalize(text) : text);
  },
  'isSemver(string): bool': ([text], meter) => {
    traverse(meter, text.length);
    return parseSemver(text) !== undefined;
  },
  'isSemver(string, bool): bool': ([text, normal], meter) => {
    traverse(meter, 2 * text.length);
    return parseSemver(normal ? normalize(text) : text) !== undefined;
  },
  'kubernetes.Semver.major(): int': ([version]) => (version as SemverValue).core[0],
  'kubernetes.Semver.minor(): int': ([version]) => (version as SemverValue).core[1],
  'kubernetes.Semver.patch(): int': ([version]) => (version as SemverValue).core[2],
  'kubernetes.Semver.isLessThan(kubernetes.Semver): bool': ([a, b]) => compareSemver(a, b) < 0,
  'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool': ([a, b]) => compareSemver(a, b) > 0,
  'kubernetes.Semver.compareTo(kubernetes.Semver): int': ([a, b]) => BigInt(compareSemver(a, b)),
});
