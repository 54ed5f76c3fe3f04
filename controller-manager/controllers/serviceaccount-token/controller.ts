/**
 * Fills Secrets of type kubernetes.io/service-account-token with the token of their account, and deletes them with it.
 * Upstream: `pkg/controller/serviceaccount/tokens_controller.go`.
 */
import { createPrivateKey } from 'node:crypto';
import { secrets } from '../../../api/core/v1/secret';
import { type ServiceAccount, serviceAccounts } from '../../../api/core/v1/serviceaccount';
import { isNotFound } from '../../../api/meta/status-error';
import { keyOf, type Stored } from '../../../api/meta/types';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { jwtKey } from '../../../component-base/jwt';
import type { ManagerDeps } from '../../manager-deps';
import { accountKeyOf, filledSecret, tokenSecretType, uidAnnotation } from './plan';

const scope = { fieldSelector: `type=${tokenSecretType}` };

export const serviceAccountTokenController = defineController<ManagerDeps>({
  name: 'serviceaccount-token-controller',
  workers: 5,
  watches: [
    watch(secrets, enqueueSelf, scope),
    watch(serviceAccounts, (account: Stored<ServiceAccount>, _old, deps) =>
      deps.informers
        .informer(secrets, scope)
        .lister.list()
        .filter((secret) => accountKeyOf(secret) === keyOf(account))
        .map(keyOf),
    ),
  ],
  permissions: [
    { apiGroups: [''], resources: ['secrets'], verbs: ['delete', 'get', 'list', 'update', 'watch'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] },
  ],
  create({ client, config, informers, log }) {
    const secretLister = informers.informer(secrets, scope).lister;
    const accountLister = informers.informer(serviceAccounts).lister;
    const key = config.serviceAccountKey === undefined ? undefined : jwtKey(createPrivateKey(config.serviceAccountKey));

    /** The lister may be behind: an account that is missing there is asked for before anything is deleted. */
    async function accountOf(namespace: string, name: string): Promise<Stored<ServiceAccount> | undefined> {
      const seen = accountLister.get(`${namespace}/${name}`);
      if (seen) return seen;
      try {
        return await client.get(serviceAccounts, name, namespace);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    }

    return {
      async reconcile(secretKey) {
        const secret = secretLister.get(secretKey);
        if (!secret || !key || secret.metadata.deletionTimestamp) return;
        const [namespace = '', accountName = ''] = accountKeyOf(secret).split('/');
        if (!accountName) return;
        const account = await accountOf(namespace, accountName);
        const { name, uid, resourceVersion, annotations } = secret.metadata;
        const ownerUid = annotations?.[uidAnnotation];
        try {
          if (!account || (ownerUid && ownerUid !== account.metadata.uid)) {
            log.info({ secret: secretKey }, 'Deleting the token of an account that is gone');
            await client.delete(secrets, name, namespace, { preconditions: { uid, resourceVersion } });
            return;
          }
          const filled = filledSecret(secret, account, { key, ...(config.rootCa && { rootCa: config.rootCa }) });
          if (filled) await client.update(secrets, filled);
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    };
  },
});
