/** TokenReview and SelfSubjectReview: who does a token stand for, who am I. Upstream: `registry/authentication`. */
import type { TokenReview, TokenReviewStatus } from '../../../api/authentication/v1/tokenreview';
import { newBadRequest } from '../../../api/meta/status-error';
import type { KubeObject } from '../../../api/meta/types';
import { formatTime } from '../../../component-base/clock';
import type { Clock } from '../../../component-base/clock';
import type { TokenAuthenticator } from '../../authentication/authenticator';
import type { UserInfo } from '../../request-context';
import type { ConnectHandler } from '../connect';

const userStatus = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid && { uid }),
  groups,
  ...(extra && Object.keys(extra).length && { extra }),
});

export function createIdentityReviewHandlers(deps: {
  authenticateToken: TokenAuthenticator;
  /** The API server's audiences, those of a review that names none. */
  audiences: readonly string[];
  clock: Clock;
}): Record<string, Record<'', ConnectHandler>> {
  const statusOf = async (review: TokenReview): Promise<TokenReviewStatus> => {
    const { token, audiences } = review.spec;
    const wanted = audiences?.length ? audiences : [...deps.audiences];
    const verdict = await deps.authenticateToken(token ?? '', wanted);
    if (!verdict) return {};
    if ('error' in verdict) return { error: `[invalid bearer token, ${verdict.error}]` };
    return { authenticated: true, user: userStatus(verdict.user), audiences: verdict.audiences };
  };

  return {
    tokenreviews: {
      '': async ({ body }) => {
        const review = body as TokenReview;
        if (!review.spec?.token) throw newBadRequest('token is required for TokenReview in authentication');
        return { code: 201, object: { ...review, status: await statusOf(review) } as KubeObject };
      },
    },
    selfsubjectreviews: {
      '': async ({ body, context }) => {
        const given = body as KubeObject;
        const object = {
          ...given,
          metadata: { ...given.metadata, creationTimestamp: formatTime(deps.clock.now()) },
          status: { userInfo: userStatus(context.user) },
        };
        return { code: 201, object: object };
      },
    },
  };
}
