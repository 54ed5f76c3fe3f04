/**
 * Places of a CustomResourceDefinition's schema that take a schema or something else. Their Go types decode themselves: type
 * errors begin anew inside of them, and unknown fields are dropped without a word.
 */
import { isObject, newPass, type Pass, type Plan } from './plan';

const types = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** By definition name. `named` gives the plan of a definition, `listOf` that of a list. */
export function schemaUnions(
  named: (name: string) => Plan,
  listOf: (item: Plan) => Plan,
  text: Plan,
): Readonly<Record<string, Plan>> {
  const schema = (): Plan => named(`${types}.JSONSchemaProps`);
  const union = (name: string, other: (value: unknown, pass: Pass) => unknown): Plan => ({
    goType: `v1.${name}`,
    zero: () => ({}),
    visit: (value, pass) => (isObject(value) ? visitApart(schema(), value, pass) : other(value, pass)),
  });
  return {
    [`${types}.JSONSchemaPropsOrArray`]: union('JSONSchemaPropsOrArray', (value, pass) =>
      Array.isArray(value) ? visitApart(listOf(schema()), value, pass) : undefined,
    ),
    [`${types}.JSONSchemaPropsOrBool`]: union('JSONSchemaPropsOrBool', (value, pass) => {
      if (typeof value === 'boolean') return value;
      pass.typeErrors.push('boolean or JSON schema expected');
      return undefined;
    }),
    [`${types}.JSONSchemaPropsOrStringArray`]: union('JSONSchemaPropsOrStringArray', (value, pass) =>
      Array.isArray(value) ? visitApart(listOf(text), value, pass) : undefined,
    ),
  };
}

const visitApart = (plan: Plan, value: unknown, { typeErrors }: Pass): unknown =>
  plan.visit(value, { ...newPass(), typeErrors });
