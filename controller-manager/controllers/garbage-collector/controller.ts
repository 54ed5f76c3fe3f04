/** Deletes what its owners leave behind. Upstream: `pkg/controller/garbagecollector`. */
import { defineController } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { AbsentOwners } from './absent-owners';
import { checkObject, orphanDependents } from './collector';
import { DependencyGraph } from './graph';
import { ResourceMonitors } from './monitors';

const orphanPrefix = 'orphan/';

/** Keys are UIDs, with a prefix when dependents are to be let go. */
export const garbageCollector = defineController<ManagerDeps>({
  name: 'garbage-collector-controller',
  workers: 20,
  watches: [],
  permissions: [
    { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'] },
    { nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*'], verbs: ['get'] },
    eventWriter,
  ],
  create({ client, clock, enqueue, fullyWatched, informers, log, recorder }) {
    const absentOwners = new AbsentOwners();
    const graph = new DependencyGraph({ check: (uid) => enqueue(uid), orphan: (uid) => enqueue(orphanPrefix + uid) });
    const monitors = new ResourceMonitors({
      client,
      clock,
      log,
      informers,
      fullyWatched,
      sink: {
        observe: (definition, object) => graph.observe(definition, object),
        forget(definition, { metadata }) {
          const { apiVersion, kind } = definition;
          absentOwners.add(metadata.namespace, { apiVersion, kind, name: metadata.name, uid: metadata.uid });
          graph.forget(metadata.uid);
        },
      },
    });
    const context = {
      client,
      log,
      recorder,
      graph,
      absentOwners,
      check: (uid: string) => enqueue(uid),
      definitionOf: monitors.definitionOf.bind(monitors),
    };
    return {
      reconcile: async (key) =>
        key.startsWith(orphanPrefix)
          ? orphanDependents(context, key.slice(orphanPrefix.length))
          : checkObject(context, key),
      run: async (signal) => monitors.run(signal),
    };
  },
});
