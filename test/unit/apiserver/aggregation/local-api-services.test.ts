import { resources } from '../../../../api/resources';
import { localApiService, localVersionsOf } from '../../../../apiserver/aggregation/local-api-services';

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
