/** Deletes bootstrap tokens when they expire. Upstream: `pkg/controller/bootstrap/tokencleaner.go`. */
import { secrets } from '../../../api/core/v1/secret';
import { isNotFound } from '../../../api/meta/status-error';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';

const scope = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' };

export const tokenCleanerController = defineController<ControllerDeps>({
  name: 'token-cleaner-controller',
  workers: 1,
  watches: [watch(secrets, enqueueSelf, scope)],
  permissions: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch', 'delete'] }, eventWriter],
  create({ client, clock, informers, log }) {
    const lister = informers.informer(secrets, scope).lister;
    return {
      async reconcile(key) {
        const secret = lister.get(key);
        const encoded = secret?.data?.['expiration'];
        if (!secret || encoded === undefined) return;
        const expiresAt = Date.parse(Buffer.from(encoded, 'base64').toString());
        // What cannot be read counts as expired, as for the authenticator.
        const leftMs = Number.isNaN(expiresAt) ? 0 : expiresAt - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        const { name, namespace, uid, resourceVersion } = secret.metadata;
        log.info({ secret: name }, 'Deleting an expired bootstrap token');
        try {
          await client.delete(secrets, name, namespace, { preconditions: { uid, resourceVersion } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    };
  },
});
