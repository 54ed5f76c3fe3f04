/** A small kind for storage tests, and a backend on an etcd of the test's own. */
import { createLogger } from '../../../component-base/logger';
import { systemClock } from '../../../component-base/clock';
import { defineResource } from '../../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../../api/meta/types';
import {
  createStorageBackend,
  type StorageBackend,
  type StorageBackendOptions,
} from '../../../apiserver/storage/backend';
import { until } from '../../support/until';
import type { StorageWatcher, StorageWatchEvent } from '../../../apiserver/storage/storage';

export interface Widget extends KubeObject {
  spec?: { count?: number; node?: string };
  status?: { seen?: number };
}

export const widgets = defineResource<Widget>({
  group: 'test.kubelab.io',
  version: 'v1',
  kind: 'Widget',
  names: { plural: 'widgets', singular: 'widget' },
  scope: 'Namespaced',
  selectableFields: { 'spec.node': ({ spec }) => spec?.node ?? '' },
  subresources: { status: {} },
});

/** Its name begins with another's: keys must not mix. */
export const widgetSets = defineResource<Widget>({
  group: 'test.kubelab.io',
  version: 'v1',
  kind: 'WidgetSet',
  names: { plural: 'widgetsets', singular: 'widgetset' },
  scope: 'Cluster',
});

export const widget = (name: string, fields: Partial<Widget> & { namespace?: string } = {}): Widget => {
  const { namespace = 'default', metadata, ...rest } = fields;
  return {
    metadata: { name, namespace, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    ...rest,
  };
};

const log = createLogger('test', 0);
log.level = process.env.KUBELAB_TEST_LOG ?? 'silent';

export const createTestBackend = (endpoints: string[], options: Partial<StorageBackendOptions> = {}): StorageBackend =>
  createStorageBackend({ endpoints, clock: systemClock, log, freeze: true, compactionIntervalMs: 0, ...options });

/** Waits for what the next events bring. */
export const eventually = (look: () => boolean): Promise<boolean> => until(String(look), look, { everyMs: 5 });

/** Gathers a watcher's events. */
export class EventLog<T extends KubeObject = Widget> {
  readonly events: StorageWatchEvent<T>[] = [];
  readonly batches: number[] = [];
  accept = true;

  constructor(readonly watcher: StorageWatcher<T>) {
    watcher.start((events) => {
      this.events.push(...events);
      this.batches.push(events.length);
      return this.accept;
    });
  }

  /** `ADDED a`, `MODIFIED a 2` … without bookmarks. */
  get lines(): string[] {
    return this.events.flatMap((event) =>
      'entry' in event ? [`${event.type} ${event.entry.object.metadata.name}`] : [],
    );
  }

  get objects(): Stored<T>[] {
    return this.events.flatMap((event) => ('entry' in event ? [event.entry.object] : []));
  }

  get error(): Error | undefined {
    const failed = this.events.find((event) => event.type === 'ERROR');
    return failed?.type === 'ERROR' ? failed.error : undefined;
  }
}
