/** ValidatingAdmissionWebhook: all hooks that match are asked at once; any of them can refuse. */
import type { AdmissionPlugin } from '../admission';
import { isExempt } from '../dynamic/rules';
import { createNamespaceFinder } from '../dynamic/selection';
import { ServedRequest } from '../dynamic/served-request';
import { callHook, type CallDeps } from './call';
import type { WebhookPluginDeps } from './deps';
import { validatingHooks } from './hooks';
import { createWebhookMetrics } from './metrics';
import { createHookMatcher } from './should-call';

export function validatingAdmissionWebhook(deps: WebhookPluginDeps): AdmissionPlugin {
  const { loopback, authorizer, client } = deps;
  const hooks = validatingHooks(loopback);
  const metrics = createWebhookMetrics(deps.metrics);
  const findNamespace = createNamespaceFinder(loopback);
  const matcher = createHookMatcher({ kind: 'validating', authorizer, findNamespace, metrics });
  const callDeps: CallDeps = { client, clock: loopback.clock, kind: 'validating', metrics };

  return {
    name: 'ValidatingAdmissionWebhook',
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async validate(attributes) {
      const all = hooks();
      if (!all.length || isExempt(attributes.definition.group, attributes.definition.names.plural)) return;
      const request = new ServedRequest(attributes, deps.table);
      const relevant = [];
      for (const hook of all) {
        const matched = await matcher.match(hook, request);
        if (matched) relevant.push({ hook, matched });
      }
      const calls = relevant.map(({ hook, matched }, index) => {
        const auditKey = `validating.webhook.admission.k8s.io/round_0_index_${index}`;
        return callHook(callDeps, hook, request, matched, auditKey, () => undefined);
      });
      // All are waited for, so that what the client reads does not depend on who answers first.
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === 'rejected') throw outcome.reason;
      }
    },
  };
}
