/** Scaling behaviour as autoscaling/v1 writes it into an annotation: upstream prints an internal type, whose names begin in capitals. */
import type { HorizontalPodAutoscalerBehavior } from '../v2/horizontalpodautoscaler/types';

/** In upstream's order. */
const ruleFields = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'] as const;
const policyFields = ['type', 'value', 'periodSeconds'] as const;
const behaviorFields = ['scaleUp', 'scaleDown'] as const;

type Fields = Record<string, unknown>;

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Every field, null where there is none. */
const encode = (fields: readonly string[], value: Fields | undefined, each: (field: string, inner: any) => unknown) =>
  value
    ? Object.fromEntries(fields.map((field) => [capitalized(field), each(field, value[field]) ?? null]))
    : undefined;

export function behaviorToText(behavior: HorizontalPodAutoscalerBehavior): string {
  const encoded = encode(behaviorFields, { ...behavior }, (_name, rules) =>
    encode(ruleFields, rules, (field, inner) =>
      field === 'policies'
        ? inner?.map((policy: Fields) => encode(policyFields, policy, (_field, value) => value))
        : inner,
    ),
  );
  return JSON.stringify(encoded);
}

/** Fields are found in any case, as Go does. */
function decode(fields: readonly string[], value: unknown, each: (field: string, inner: any) => unknown): Fields {
  const entries = Object.entries((value ?? {}) as Fields).flatMap(([name, inner]) => {
    const field = fields.find((known) => known.toLowerCase() === name.toLowerCase());
    return field === undefined || inner === null ? [] : [[field, each(field, inner)] as const];
  });
  return Object.fromEntries(entries);
}

/** Undefined of what is no object, or has no rules. What the rules hold is not checked. */
export function behaviorFrom(parsed: unknown): HorizontalPodAutoscalerBehavior | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const behavior = decode(behaviorFields, parsed, (_name, rules) =>
    decode(ruleFields, rules, (field, inner) =>
      field === 'policies' && Array.isArray(inner)
        ? inner.map((policy) => decode(policyFields, policy, (_field, value) => value))
        : inner,
    ),
  );
  return Object.keys(behavior).length ? behavior : undefined;
}
