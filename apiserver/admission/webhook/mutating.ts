/** MutatingAdmissionWebhook: hooks called one after the other, each of which may patch the object. */
import { deepEqual } from '../../../api/meta/json';
import { newInternalError } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import { applyJsonPatch } from '../../patch/json-patch';
import type { AdmissionPlugin } from '../admission';
import { Reinvocation } from '../dynamic/reinvocation';
import { replaceObject } from '../dynamic/replace-object';
import { isExempt } from '../dynamic/rules';
import { createNamespaceFinder } from '../dynamic/selection';
import { type RequestVersion, ServedRequest } from '../dynamic/served-request';
import { callHook, type CallDeps } from './call';
import type { WebhookPluginDeps } from './deps';
import { type Hook, mutatingHooks } from './hooks';
import { createWebhookMetrics } from './metrics';
import { createHookMatcher } from './should-call';

const name = 'MutatingAdmissionWebhook';

export function mutatingAdmissionWebhook(deps: WebhookPluginDeps): AdmissionPlugin {
  const { loopback, authorizer, client } = deps;
  const hooks = mutatingHooks(loopback);
  const metrics = createWebhookMetrics(deps.metrics);
  const findNamespace = createNamespaceFinder(loopback);
  const matcher = createHookMatcher({ kind: 'admit', authorizer, findNamespace, metrics });
  const callDeps: CallDeps = { client, clock: loopback.clock, kind: 'admit', metrics };

  return {
    name,
    operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
    async admit(attributes) {
      const all = hooks();
      if (!all.length || isExempt(attributes.definition.group, attributes.definition.names.plural)) return;
      const request = new ServedRequest(attributes, deps.table);
      const round = Reinvocation.of(attributes, name);
      round.begin(attributes.object);
      for (const [index, hook] of all.entries()) {
        const matched = await matcher.match(hook, request);
        if (!matched || !round.isDue(hook.id)) continue;
        const auditKey = `mutation.webhook.admission.k8s.io/round_${round.active ? 1 : 0}_index_${index}`;
        const changed = await callHook(callDeps, hook, request, matched, auditKey, ({ patch }) =>
          applyPatch(request, matched, hook, patch),
        );
        annotateMutation(request, hook, auditKey, changed === true);
        round.record(hook.id, changed === true, hook.webhook.reinvocationPolicy === 'IfNeeded');
      }
      round.end(attributes.object);
    },
  };
}

/** True if the patch changed the object. */
async function applyPatch(
  request: ServedRequest,
  matched: RequestVersion,
  { webhook }: Hook,
  patch: unknown,
): Promise<boolean> {
  if (patch === undefined || (Array.isArray(patch) && !patch.length)) return false;
  const { object } = await request.objectsAs(matched);
  if (!object) {
    const quoted = JSON.stringify(webhook.name);
    throw newInternalError(
      new Error(
        `admission webhook ${quoted} attempted to modify the object, which is not supported for this operation`,
      ),
    );
  }
  let patched: KubeObject;
  try {
    patched = applyJsonPatch(object, patch);
  } catch (error) {
    throw newInternalError(error);
  }
  if (deepEqual(patched, object)) return false;
  await replaceObject(request, matched, patched);
  return true;
}

/** Which hooks were called and changed something, for the audit log. */
function annotateMutation(
  { attributes: { context } }: ServedRequest,
  { configuration, webhook }: Hook,
  auditKey: string,
  mutated: boolean,
): void {
  context.annotateAudit?.(auditKey, JSON.stringify({ configuration, webhook: webhook.name, mutated }));
}
