/**
 * Follows every kind that can be listed, watched and deleted: built-in ones by the shared informers, those that are added
 * at run time as discovery finds them. Upstream: `GarbageCollector.Sync`.
 */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import type { KubeObject, OwnerReference, Stored } from '../../../api/meta/types';
import { resources } from '../../../api/resources';
import type { Informer, InformerFactory } from '../../../client/informer';
import { createInformerFactory } from '../../../client/informer-factory';
import type { RestClient } from '../../../client/rest-client';
import type { Clock } from '../../../component-base/clock';
import type { Logger } from '../../../component-base/logger';
import { discoverResources, supports } from '../../discovery';
import { groupOf } from '../owned-objects';

export interface MonitorSink {
  observe(definition: ResourceDefinition, object: Stored<KubeObject>): void;
  forget(definition: ResourceDefinition, object: Stored<KubeObject>): void;
  /** All objects of a kind that was added at run time have been observed. */
  synced?(definition: ResourceDefinition): void;
}

export interface MonitorOptions {
  client: RestClient;
  clock: Clock;
  log: Logger;
  informers: InformerFactory;
  /** Kinds that are followed in full anyway; of the others only the metadata is fetched. */
  fullyWatched: ReadonlySet<ResourceDefinition>;
  sink: MonitorSink;
}

const syncPeriodMs = 30_000;
/** New kinds come with several events, the last of them when they are served. */
const settleMs = 200;
/** What changed may be served, and told by discovery, only later: so it is looked at again after these times. */
const lookAgainMs = [1_000, 5_000];
/** What these kinds define is served soon after they change. */
const isSourceOfKinds = ({ group }: ResourceDefinition): boolean =>
  group === 'apiextensions.k8s.io' || group === 'apiregistration.k8s.io';
const keyOf = ({ group, kind }: Pick<ResourceDefinition, 'group' | 'kind'>): string => `${group}/${kind}`;
/** Events own nothing, come in floods, and go by themselves. */
const isFollowed = (definition: ResourceDefinition): boolean =>
  definition.kind !== 'Event' && supports(definition, 'list', 'watch', 'delete');

export class ResourceMonitors {
  private readonly definitions = new Map<string, ResourceDefinition>();
  /** Of kinds added at run time, which may go again. */
  private readonly added = new Map<string, AbortController>();
  private kindsChanged = false;
  private wake: () => void = () => undefined;

  /** Must be called before the informers start. */
  constructor(private readonly options: MonitorOptions) {
    for (const definition of resources.filter(isFollowed)) {
      this.definitions.set(keyOf(definition), definition);
      const scope = options.fullyWatched.has(definition) ? undefined : { metadataOnly: true };
      this.follow(options.informers.informer<KubeObject>(definition, scope));
    }
  }

  definitionOf(ref: OwnerReference): ResourceDefinition | undefined {
    return this.definitions.get(keyOf({ group: groupOf(ref.apiVersion), kind: ref.kind }));
  }

  /** Looks for new and vanished kinds until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    let pauses: readonly number[] = [];
    while (!signal.aborted) {
      this.kindsChanged = false;
      await this.sync(signal).catch((error: unknown) =>
        log.warn({ err: error }, 'Cannot discover kinds, trying again'),
      );
      const [pauseMs = syncPeriodMs, ...later] = pauses;
      const timer = clock.sleep(pauseMs, signal).then(() => later);
      pauses = await Promise.race([timer, this.nextChange().then(() => lookAgainMs)]);
      await clock.sleep(settleMs, signal);
    }
  }

  private nextChange(): Promise<void> {
    return this.kindsChanged ? Promise.resolve() : new Promise((resolve) => (this.wake = resolve));
  }

  private noteChange(): void {
    this.kindsChanged = true;
    this.wake();
  }

  private async sync(signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.options;
    const { definitions, failures } = await discoverResources(client, signal);
    const found = new Map(definitions.filter(isFollowed).map((definition) => [keyOf(definition), definition]));
    for (const [key, definition] of found) {
      const known = this.definitions.get(key);
      if (known && (!this.added.has(key) || known.apiVersion === definition.apiVersion)) continue;
      this.added.get(key)?.abort(new Error(`${key} is preferred in another version`));
      const stop = new AbortController();
      signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true, signal: stop.signal });
      this.definitions.set(key, definition);
      this.added.set(key, stop);
      const informers = createInformerFactory({ client, clock, log });
      this.follow(informers.informer<KubeObject>(definition, { metadataOnly: true }));
      informers.start(stop.signal);
      void informers.waitForSync(stop.signal).then(
        () => this.options.sink.synced?.(definition),
        () => undefined,
      );
      log.info({ kind: key }, 'Following a new kind');
    }
    const failed = new Set(failures.map(({ groupVersion }) => groupOf(groupVersion)));
    for (const [key, stop] of this.added) {
      if (found.has(key) || failed.has(this.definitions.get(key)?.group ?? '')) continue;
      stop.abort(new Error(`${key} is no longer served`));
      this.added.delete(key);
      this.definitions.delete(key);
    }
  }

  private follow(informer: Informer<KubeObject>): void {
    const { definition } = informer;
    const { sink } = this.options;
    const changed = isSourceOfKinds(definition) ? (): void => this.noteChange() : (): void => undefined;
    const observe = (object: Stored<KubeObject>): void => (sink.observe(definition, object), changed());
    informer.addEventHandler({
      add: observe,
      update: observe,
      delete: (object) => (sink.forget(definition, object), changed()),
    });
  }
}
