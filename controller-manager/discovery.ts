/**
 * The kinds the server serves now, as definitions that the client can use: built-in kinds and those that were added at run
 * time alike. Upstream: `ServerPreferredResources`.
 */
import { resources } from '../api/resources';
import { isNotFound } from '../api/meta/status-error';
import { defineResource, type ResourceDefinition, type Verb } from '../api/meta/resource-definition';
import type { RestClient } from '../client/rest-client';

interface GroupVersion {
  groupVersion: string;
}

interface ApiGroupList {
  groups: { name: string; preferredVersion?: GroupVersion; versions: GroupVersion[] }[];
}

interface ApiResourceList {
  groupVersion: string;
  resources: {
    name: string;
    singularName?: string;
    namespaced: boolean;
    kind: string;
    group?: string;
    version?: string;
    verbs: Verb[];
  }[];
}

export interface Discovery {
  definitions: ResourceDefinition[];
  /** Groups that could not be asked (an aggregated server that is down), with the reason. */
  failures: { groupVersion: string; error: unknown }[];
}

/** Every kind once, in its group's preferred version if it is there. Throws when the groups themselves cannot be had. */
export async function discoverResources(client: RestClient, signal?: AbortSignal): Promise<Discovery> {
  const get = async <R>(path: string): Promise<R> => client.raw<R>({ method: 'GET', path, ...(signal && { signal }) });
  const { groups } = await get<ApiGroupList>('/apis');
  const versions = [
    'v1',
    ...groups.flatMap(({ preferredVersion, versions: all }) => {
      const names = all.map(({ groupVersion }) => groupVersion);
      const first = preferredVersion?.groupVersion ?? names[0];
      return first === undefined ? [] : [first, ...names.filter((name) => name !== first)];
    }),
  ];
  const answers = await Promise.allSettled(versions.map(async (gv) => get<ApiResourceList>(pathOf(gv))));
  const found = new Map<string, ResourceDefinition>();
  const failures: Discovery['failures'] = [];
  for (const [i, answer] of answers.entries()) {
    const groupVersion = versions[i] ?? '';
    if (answer.status === 'rejected') {
      failures.push({ groupVersion, error: answer.reason });
      continue;
    }
    for (const definition of definitionsOf(groupVersion, answer.value)) {
      const key = `${definition.group}/${definition.names.plural}`;
      if (!found.has(key)) found.set(key, definition);
    }
  }
  return { definitions: [...found.values()], failures };
}

/** The kind, if the server serves it with this subresource. */
export async function findWithSubresource(
  client: RestClient,
  { apiVersion, kind }: { apiVersion: string; kind: string },
  subresource: string,
): Promise<ResourceDefinition | undefined> {
  const path = pathOf(apiVersion);
  const list = await client.raw<ApiResourceList>({ method: 'GET', path }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!list) return undefined;
  const names = new Set(list.resources.map(({ name }) => name));
  return definitionsOf(apiVersion, list).find(
    (definition) => definition.kind === kind && names.has(`${definition.names.plural}/${subresource}`),
  );
}

const pathOf = (groupVersion: string): string => (groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`);

/** Built-in kinds keep their own definition, so that informers are shared. */
function definitionsOf(groupVersion: string, list: ApiResourceList): ResourceDefinition[] {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  return list.resources
    .filter(({ name }) => !name.includes('/'))
    .map((entry) => {
      const known = resources.find(
        (definition) =>
          definition.group === group && definition.version === version && definition.names.plural === entry.name,
      );
      if (known) return known;
      return defineResource({
        group: group ?? '',
        version: version ?? '',
        kind: entry.kind,
        names: { plural: entry.name, singular: entry.singularName ?? '' },
        scope: entry.namespaced ? 'Namespaced' : 'Cluster',
        verbs: entry.verbs,
      });
    });
}

export const supports = (definition: ResourceDefinition, ...verbs: Verb[]): boolean =>
  verbs.every((verb) => definition.verbs.includes(verb));
