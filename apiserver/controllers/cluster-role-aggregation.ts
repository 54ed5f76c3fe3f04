/**
 * Fills the rules of aggregated ClusterRoles from the roles they select. Upstream runs this in the controller manager; here it
 * is next to what depends on it, so that `admin`, `edit` and `view` mean something before any controller runs. Both at once do no
 * harm: they write the same.
 */
import { cloneJson, deepEqual } from '../../api/meta/json';
import { selectorFromLabelSelector } from '../../api/meta/selectors';
import { isConflict, isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import { type ClusterRole, clusterRoles, type PolicyRule } from '../../api/rbac/v1';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { settle } from './settle';

/** The rules an aggregated role must have: those of all other roles that it selects, by name, each once. Pure. */
export function aggregateRules(role: ClusterRole, all: readonly Stored<ClusterRole>[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(selectorFromLabelSelector);
  for (const selector of selectors) {
    const selected = all
      .filter(({ metadata }) => metadata.name !== role.metadata?.name && selector.matches(metadata.labels))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const { rules: more } of selected) {
      for (const rule of more ?? []) if (!rules.some((one) => deepEqual(one, rule))) rules.push(rule);
    }
  }
  return rules;
}

export function clusterRoleAggregation(loopback: Loopback): ApiServerController {
  const view = loopback.view(clusterRoles);

  const aggregate = async (): Promise<void> => {
    for (const role of view.list()) {
      if (!role.aggregationRule) continue;
      const rules = aggregateRules(role, view.list());
      if (deepEqual(rules, role.rules ?? [])) continue;
      try {
        await loopback.stores
          .of(clusterRoles)
          .update(loopback.context, '', role.metadata.name, () => ({ ...cloneJson(role), rules: cloneJson(rules) }));
      } catch (error) {
        // The view is behind, and its next event brings us back.
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
  };

  const schedule = settle(loopback, aggregate, 'could not aggregate cluster roles');

  return {
    name: 'cluster-role-aggregation',
    async start(signal) {
      await view.waitForSync(signal);
      view.addHandler({ add: schedule, update: schedule, delete: schedule });
    },
  };
}
