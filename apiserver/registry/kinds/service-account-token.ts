/** `serviceaccounts/token`: issues a token. Upstream: `registry/core/serviceaccount/storage/token.go`. */
import { nodes } from '../../../api/core/v1/node';
import { pods } from '../../../api/core/v1/pod';
import { secrets } from '../../../api/core/v1/secret';
import { serviceAccounts } from '../../../api/core/v1/serviceaccount';
import { type FieldError, FieldPath, invalid } from '../../../api/meta/field-error';
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { newBadRequest, newConflict, newInvalid } from '../../../api/meta/status-error';
import type { KubeObject, Stored } from '../../../api/meta/types';
import { formatTime } from '../../../component-base/clock';
import type { Admission } from '../../admission/admission';
import type { TokenIssuer, TokenRequestFacts } from '../../authentication/service-account-tokens';
import type { ConnectHandler } from '../connect';
import type { Loopback } from '../loopback';
import { admitBody } from './connect-admission';

export interface TokenRequest extends KubeObject {
  spec?: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
  };
  status?: { token: string; expirationTimestamp: string };
}

const minSeconds = 10 * 60;
const maxSeconds = 2 ** 32;
const defaultSeconds = 60 * 60;
/** What the admission plugin asks for (an hour and seven seconds) is extended to a year for old clients that never reread. */
const extendedFromSeconds = 60 * 60 + 7;
const extendedSeconds = 365 * 24 * 60 * 60;

export function validateTokenRequest(request: TokenRequest): FieldError[] {
  const path = FieldPath.of('spec', 'expirationSeconds');
  const seconds = request.spec?.expirationSeconds ?? defaultSeconds;
  if (seconds < minSeconds) return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds > maxSeconds) return [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}

export function createTokenHandler(deps: {
  loopback: Loopback;
  admission: Admission;
  issuer: TokenIssuer;
  /** --service-account-extend-token-expiration; upstream's default is true. */
  extendExpiration?: boolean;
}): ConnectHandler {
  const { loopback, admission, issuer } = deps;

  /** The object a token is bound to, with the uid it has. */
  const find = async (definition: ResourceDefinition, namespace: string, name: string, uid: string | undefined) => {
    const object = (await loopback.stores.of(definition).get(loopback.context, namespace, name)).object;
    if (uid && uid !== object.metadata.uid) {
      throw newConflict(
        { group: definition.group, resource: definition.names.plural },
        name,
        `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    }
    return object;
  };

  const refOf = (object: Stored<KubeObject>) => ({ name: object.metadata.name, uid: object.metadata.uid });

  const bind = async (
    namespace: string,
    accountName: string,
    ref: NonNullable<TokenRequest['spec']>['boundObjectRef'],
  ) => {
    const bound: Pick<TokenRequestFacts, 'pod' | 'secret' | 'node'> = {};
    if (!ref) return bound;
    const { apiVersion, kind, name = '', uid } = ref;
    if (apiVersion === 'v1' && kind === 'Pod') {
      const pod = await find(pods, namespace, name, uid);
      if (pod.spec.serviceAccountName !== accountName) {
        throw newBadRequest(
          `cannot bind token for serviceaccount ${JSON.stringify(accountName)} to pod running with different serviceaccount name.`,
        );
      }
      bound.pod = refOf(pod);
      if (pod.spec.nodeName) bound.node = await nodeRefOf(pod.spec.nodeName);
    } else if (apiVersion === 'v1' && kind === 'Secret') {
      bound.secret = refOf(await find(secrets, namespace, name, uid));
    } else if (apiVersion === 'v1' && kind === 'Node') {
      bound.node = refOf(await find(nodes, '', name, uid));
    } else {
      throw newBadRequest(
        `cannot bind token to object of type ${JSON.stringify(`${apiVersion ?? ''}, Kind=${kind ?? ''}`)}`,
      );
    }
    return bound;
  };

  /** The node of a pod, if it is known: a pod may name a node that never registered. */
  const nodeRefOf = async (name: string) => {
    const node = loopback.view(nodes).get(name);
    return node && refOf(node);
  };
  loopback.view(nodes);

  return async ({ context, namespace, name, body }) => {
    const request = body as TokenRequest;
    const errors = validateTokenRequest(request);
    if (errors.length) throw newInvalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, errors);
    await admitBody(
      admission,
      { definition: serviceAccounts, subresource: 'token', namespace, name, context },
      request,
    );
    const account = (await loopback.stores.of(serviceAccounts).get(context, namespace, name)).object;
    const bound = await bind(namespace, name, request.spec?.boundObjectRef);
    const asked = request.spec?.expirationSeconds ?? defaultSeconds;
    const extend =
      deps.extendExpiration !== false &&
      asked === extendedFromSeconds &&
      bound.pod !== undefined &&
      !request.spec?.audiences?.length;
    const issued = issuer.issue({
      namespace,
      serviceAccount: refOf(account),
      audiences: request.spec?.audiences ?? [],
      expirationSeconds: extend ? extendedSeconds : asked,
      ...(extend && { warnAfterSeconds: asked }),
      ...bound,
    });
    // The client is told the time it asked for, so that it renews in time.
    const expires = extend ? loopback.clock.now() + asked * 1000 : issued.expiresAtMs;
    const object: TokenRequest = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(loopback.clock.now()) },
      spec: { ...request.spec, audiences: issued.audiences, expirationSeconds: asked },
      status: { token: issued.token, expirationTimestamp: formatTime(expires) },
    };
    return { code: 201, object };
  };
}
