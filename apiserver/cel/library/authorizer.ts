/**
 * Kubernetes' authorizer library. Decisions are asynchronous and evaluation is not: an undecided check interrupts the
 * evaluation with `Undecided`, and whoever evaluates asks the authorizer and evaluates again.
 */
import { Failure } from '../errors';
import { declare } from '../functions';
import { CelOpaque } from '../values';

export interface AuthorizationCheck {
  /** `system:serviceaccount:<namespace>:<name>` instead of the requesting user. */
  serviceAccount?: { namespace: string; name: string };
  /** For non-resource paths. */
  path?: string;
  group?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  fieldSelector?: string;
  labelSelector?: string;
  verb: string;
}

export interface AuthorizationDecision {
  allowed: boolean;
  reason: string;
  error?: string;
}

/** Not an Error: it ends one attempt to evaluate, and no failure is to be absorbed by `||`. */
export class Undecided {
  constructor(
    readonly check: AuthorizationCheck,
    readonly key: string,
  ) {}
}

export type KnownDecisions = ReadonlyMap<string, AuthorizationDecision>;

const namespace = 'kubernetes.authorization';

export class AuthorizerValue extends CelOpaque {
  readonly typeName: string = `${namespace}.Authorizer`;

  constructor(
    readonly known: KnownDecisions,
    readonly asked: Omit<AuthorizationCheck, 'verb'> = {},
  ) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other === this;
  }
}

class PathCheck extends AuthorizerValue {
  override readonly typeName = `${namespace}.PathCheck`;
}
class GroupCheck extends AuthorizerValue {
  override readonly typeName = `${namespace}.GroupCheck`;
}
export class ResourceCheck extends AuthorizerValue {
  override readonly typeName = `${namespace}.ResourceCheck`;
}

class DecisionValue extends CelOpaque {
  readonly typeName = `${namespace}.Decision`;

  constructor(readonly decision: AuthorizationDecision) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other === this;
  }
}

/** Two of them fit an evaluation, as upstream prices it. */
const checkCost = 350_000;

function decide({ known, asked }: AuthorizerValue, verb: string): DecisionValue {
  const check = { ...asked, verb };
  const key = JSON.stringify(check, Object.keys(check).toSorted());
  const decision = known.get(key);
  if (!decision) throw new Undecided(check, key);
  return new DecisionValue(decision);
}

const refined =
  (field: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector') =>
  ([base, value]: any[]): ResourceCheck => {
    const { known, asked } = base as ResourceCheck;
    return new ResourceCheck(known, { ...asked, [field]: value as string });
  };

const resourceCheck = `${namespace}.ResourceCheck`;
const decision = `${namespace}.Decision`;

export const authorizerLibrary = declare({
  [`${namespace}.Authorizer.path(string): ${namespace}.PathCheck`]: ([base, path]) => {
    if (path === '') throw new Failure('path must not be empty');
    return new PathCheck((base as AuthorizerValue).known, { ...(base as AuthorizerValue).asked, path });
  },
  [`${namespace}.Authorizer.group(string): ${namespace}.GroupCheck`]: ([base, group]) =>
    new GroupCheck((base as AuthorizerValue).known, { ...(base as AuthorizerValue).asked, group }),
  [`${namespace}.Authorizer.serviceAccount(string, string): ${namespace}.Authorizer`]: ([base, of, name]) =>
    new AuthorizerValue((base as AuthorizerValue).known, { serviceAccount: { namespace: of, name } }),
  [`${namespace}.GroupCheck.resource(string): ${resourceCheck}`]: ([base, resource]) =>
    new ResourceCheck((base as GroupCheck).known, { ...(base as GroupCheck).asked, resource }),
  [`${resourceCheck}.subresource(string): ${resourceCheck}`]: refined('subresource'),
  [`${resourceCheck}.namespace(string): ${resourceCheck}`]: refined('namespace'),
  [`${resourceCheck}.name(string): ${resourceCheck}`]: refined('name'),
  [`${resourceCheck}.fieldSelector(string): ${resourceCheck}`]: refined('fieldSelector'),
  [`${resourceCheck}.labelSelector(string): ${resourceCheck}`]: refined('labelSelector'),
  [`${namespace}.PathCheck.check(string): ${decision}`]: ([base, verb], meter) => {
    meter.spend(checkCost);
    return decide(base, verb);
  },
  [`${resourceCheck}.check(string): ${decision}`]: ([base, verb], meter) => {
    meter.spend(checkCost);
    return decide(base, verb);
  },
  [`${decision}.allowed(): bool`]: ([value]) => (value as DecisionValue).decision.allowed,
  [`${decision}.reason(): string`]: ([value]) => (value as DecisionValue).decision.reason,
  [`${decision}.errored(): bool`]: ([value]) => (value as DecisionValue).decision.error !== undefined,
  [`${decision}.error(): string`]: ([value]) => (value as DecisionValue).decision.error ?? '',
});
