/** What is served, as discovery and OpenAPI tell it: groups, their versions by priority, resources and subresources by name. */
import { apiVersionOf, type ResourceDefinition, type Verb } from '../../../api/meta/resource-definition';
import { type ServedResource, servedVersionsOf } from '../served-resource';

export interface CatalogVersion {
  group: string;
  version: string;
  /** `v1`, `apps/v1`. */
  apiVersion: string;
  /** Sorted by name. */
  resources: readonly ServedResource[];
  /** Its entry in aggregated discovery, where another server serves it. */
  remote?: object;
}

export interface CatalogGroup {
  /** '' for the core group. */
  name: string;
  /** The preferred version first. */
  versions: readonly CatalogVersion[];
}

/** Groups in the order in which the resources first name them. */
export function catalogOf(resources: readonly ResourceDefinition[]): CatalogGroup[] {
  const groups = new Map<string, Map<string, ServedResource[]>>();
  const ordered = resources.flatMap(servedVersionsOf).sort((a, b) => rankIn(a) - rankIn(b));
  for (const resource of ordered) {
    const versions = groups.get(resource.group) ?? new Map<string, ServedResource[]>();
    groups.set(resource.group, versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]));
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions]
      .sort(([a], [b]) => compareVersions(a, b))
      .map(([version, list]) => ({
        group: name,
        version,
        apiVersion: apiVersionOf(name, version),
        resources: list.sort((a, b) => (a.plural < b.plural ? -1 : 1)),
      })),
  }));
}

/** Other served versions (events in events.k8s.io) must not decide where their group stands; custom kinds come after all. */
function rankIn({ definition, apiVersion }: ServedResource): number {
  if (definition.custom) return 2;
  return apiVersion === definition.apiVersion ? 0 : 1;
}

/** Adds what other servers serve: to groups of ours, and as groups behind them, in the order given. */
export function withRemote(
  groups: readonly CatalogGroup[],
  remote: readonly { group: string; version: string; discovery: object }[],
): CatalogGroup[] {
  const all = new Map(groups.map(({ name, versions }) => [name, [...versions]]));
  for (const { group, version, discovery } of remote) {
    const versions = all.get(group) ?? [];
    if (versions.some((known) => known.version === version)) continue;
    all.set(group, versions);
    versions.push({ group, version, apiVersion: apiVersionOf(group, version), resources: [], remote: discovery });
  }
  return [...all].map(([name, versions]) => ({ name, versions }));
}

/** Kubernetes' order of versions: v2, v1, v2beta1, v1beta2, v1alpha1, then anything else by name. */
export function compareVersions(a: string, b: string): number {
  const left = rankOf(a);
  const right = rankOf(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : Number(a > b);
  for (const [index, rank] of left.entries()) if (rank !== right[index]) return right[index]! - rank;
  return 0;
}

/** Stability, major and minor number; undefined if it is no Kubernetes version. */
function rankOf(version: string): [number, number, number] | undefined {
  const [, major, stage, minor] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? [];
  if (!major) return undefined;
  return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)];
}

export interface Subresource {
  name: string;
  /** What it takes or gives. `foreign` if its group and version are not those of the resource. */
  group: string;
  version: string;
  kind: string;
  foreign: boolean;
  verbs: readonly Verb[];
}

const writeVerbs: readonly Verb[] = ['get', 'patch', 'update'];

/** Sorted by name. */
export function subresourcesOf(resource: ServedResource): Subresource[] {
  const { definition, group, version, kind } = resource;
  const subresources = definition.subresources ?? {};
  const own = { group, version, kind, foreign: false };
  const list: Subresource[] = Object.entries(subresources.connect ?? {}).map(([name, connect]) => ({
    name,
    group: connect.group ?? group,
    version: connect.version ?? version,
    kind: connect.kind,
    foreign: connect.group !== undefined && connect.group !== group,
    verbs: connect.verbs,
  }));
  for (const name of Object.keys(subresources.update ?? {})) list.push({ ...own, name, verbs: updateVerbs(name) });
  if (subresources.status) list.push({ ...own, name: 'status', verbs: writeVerbs });
  if (resource.scale) {
    list.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', foreign: true, verbs: writeVerbs });
  }
  return list.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A namespace's finalize can only be written. */
const updateVerbs = (name: string): readonly Verb[] => (name === 'finalize' ? ['update'] : writeVerbs);
