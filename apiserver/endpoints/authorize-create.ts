/** An update or a patch that creates is a creation too, and must be allowed as one. Upstream: `withAuthorization`. */
import { attributesOf, newAuthorizationError } from '../authorization/authorizer';
import type { ApiRequest } from './api-request';
import type { EndpointDeps } from './dispatch';

/** What the store asks before it creates. Throws Forbidden. */
export const authorizeCreate =
  ({ context: { user, info } }: ApiRequest, { authorizer }: EndpointDeps) =>
  async (): Promise<void> => {
    const attributes = { ...attributesOf(info), verb: 'create' };
    const { decision, reason } = await authorizer.authorize(user, attributes);
    if (decision !== 'allow') throw newAuthorizationError(user, attributes, reason);
  };
