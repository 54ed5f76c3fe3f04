/** The webhooks of all configurations, in the order they are called in, with their match conditions compiled once. */
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from '../../../api/admissionregistration/v1/webhook-configurations';
import type { MutatingWebhook, ValidatingWebhook } from '../../../api/admissionregistration/v1/types';
import type { KubeObject, Stored } from '../../../api/meta/types';
import type { Loopback } from '../../registry/loopback';
import { conditionVariables } from '../dynamic/cel-environment';
import { compileConditions, type CompiledConditions } from '../dynamic/match-conditions';

export interface Hook<W extends MutatingWebhook | ValidatingWebhook = MutatingWebhook | ValidatingWebhook> {
  webhook: W;
  configuration: string;
  /** Tells hooks apart within one request. */
  id: string;
  conditions: CompiledConditions;
}

type Configuration<W> = Stored<KubeObject & { webhooks?: W[] }>;

/** By configuration name, then in the order written. Gives the same array until a configuration changes. */
export function hooksOf<W extends MutatingWebhook | ValidatingWebhook>(
  configurations: readonly Configuration<W>[],
): Hook<W>[] {
  const sorted = configurations.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return sorted.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map((webhook, index) => ({
      webhook,
      configuration: metadata.name,
      id: `${metadata.name}/${webhook.name}/${index}`,
      conditions: compileConditions(webhook.matchConditions, conditionVariables),
    })),
  );
}

/** Asked on every write: without configurations it costs one comparison. */
function createHookSource<W extends MutatingWebhook | ValidatingWebhook>(view: {
  list(): Configuration<W>[];
  addHandler(handler: { add(): void; update(): void; delete(): void }): void;
}): () => readonly Hook<W>[] {
  let hooks: readonly Hook<W>[] | undefined;
  const forget = (): void => void (hooks = undefined);
  view.addHandler({ add: forget, update: forget, delete: forget });
  return () => (hooks ??= hooksOf(view.list()));
}

export const mutatingHooks = (loopback: Loopback): (() => readonly Hook<MutatingWebhook>[]) =>
  createHookSource<MutatingWebhook>(loopback.view(mutatingWebhookConfigurations));

export const validatingHooks = (loopback: Loopback): (() => readonly Hook<ValidatingWebhook>[]) =>
  createHookSource<ValidatingWebhook>(loopback.view(validatingWebhookConfigurations));
