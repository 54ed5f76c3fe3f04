import { resources } from '../../../../api/resources';
import type { ApiService } from '../../../../api/apiregistration/v1/apiservice';
import type { Stored } from '../../../../api/meta/types';
import {
  localApiService,
  localVersionsOf,
  planLocalApiServices,
} from '../../../../apiserver/aggregation/local-api-services';

it('finds every group version once, also those that are only served', () => {
  const versions = localVersionsOf(resources);
  const names = versions.map(({ group, version }) => `${version}.${group}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['v1.', 'v1.apps', 'v1.events.k8s.io']));
});

it.each([
  [{ group: '', version: 'v1', custom: false }, 'v1.', 18000, 1],
  [{ group: 'autoscaling', version: 'v2', custom: false }, 'v2.autoscaling', 17500, 30],
  [{ group: 'example.com', version: 'v1beta1', custom: true }, 'v1beta1.example.com', 1000, 100],
])('gives %j its priorities', (local, name, groupPriorityMinimum, versionPriority) => {
  const { metadata, spec } = localApiService(local);
  expect(metadata?.name).toBe(name);
  expect(spec).toMatchObject({ groupPriorityMinimum, versionPriority });
});

describe('a plan', () => {
  const apps = { group: 'apps', version: 'v1', custom: false };
  const stored = (apiService: ApiService): Stored<ApiService> => apiService as Stored<ApiService>;
  const changed = stored({ ...localApiService(apps), spec: { ...localApiService(apps).spec!, versionPriority: 2 } });
  const foreign = stored({ ...changed, metadata: { name: 'v1.apps' } });
  const gone = stored(localApiService({ group: 'gone.example.com', version: 'v1', custom: true }));

  it.each([
    ['makes what is missing', [], ['v1.apps'], []],
    ['leaves what is right', [stored(localApiService(apps))], [], []],
    ['mends what was changed', [changed], ['v1.apps'], []],
    ['removes what is served no more', [stored(localApiService(apps)), gone], [], ['v1.gone.example.com']],
    ['leaves alone what somebody else registered', [foreign, { ...gone, metadata: foreign.metadata }], [], []],
  ])('%s', (_what, registered, write, remove) => {
    const plan = planLocalApiServices([apps], registered);
    expect(plan.write.map(({ metadata }) => metadata?.name)).toEqual(write);
    expect(plan.remove.map(({ metadata }) => metadata.name)).toEqual(remove);
  });
});
