/**
 * Decoding: one pass over a parsed object that finds type errors and unknown fields, prunes what the schema does not know,
 * and brings scalars into their canonical form, as Go's typed decoding does. Plans are compiled once per definition.
 */
import type { BodyCheck } from '../meta/resource-definition';
import { definitions } from './definitions';
import {
  goValueName,
  readBytes,
  readIntOrString,
  readMicroTime,
  readQuantity,
  readTime,
  ScalarError,
} from './go-scalars';
import { isObject, newPass, type Pass, type Plan } from './plan';
import { intOrStringName, microTimeName, quantityName, timeName } from './scalar-types';
import { type Definitions, refName, type Schema } from './schema';
import { schemaUnions } from './schema-unions';

/** The type errors are in document order. Go reports only the first. */
export type CheckResult = BodyCheck;

/** At most so many unknown fields are reported, as in upstream's strict decoder. */
const maxStrictErrors = 100;

/**
 * Checks and prunes `value`, in place, against the definition of that name. The caller turns the results into errors or
 * warnings. Throws if there is no such definition.
 */
export function checkObject(schemaName: string, value: unknown): CheckResult {
  const plan = plans(schemaName);
  const pass = newPass();
  plan.visit(value, pass);
  return { typeErrors: pass.typeErrors, unknownFields: pass.unknownFields };
}

const plans = compiler(definitions);

/** Plans by definition name. Definitions may be recursive: a struct's fields are compiled when it is first visited. */
function compiler(load: () => Definitions): (name: string) => Plan {
  const compiled = new Map<string, Plan>();
  let unions: Readonly<Record<string, Plan>> | undefined;
  const named = (name: string): Plan => {
    const known = compiled.get(name);
    if (known) return known;
    const all = load();
    const schema = Object.hasOwn(all, name) ? all[name] : undefined;
    if (!schema) throw new Error(`no OpenAPI definition is named ${name}`);
    unions ??= schemaUnions(named, listPlan, text);
    const plan = scalarPlans[name] ?? unions[name] ?? (schema.properties ? structPlan(name, schema, planOf) : freeForm);
    compiled.set(name, plan);
    return plan;
  };
  const planOf = (schema: Schema): Plan => {
    const reference = refName(schema);
    if (reference !== undefined) return named(reference);
    switch (schema.type) {
      case 'array':
        return listPlan(planOf(schema.items ?? {}));
      case 'object':
        return schema.additionalProperties ? mapPlan(planOf(schema.additionalProperties)) : freeForm;
      case 'string':
        return schema.format === 'byte' ? bytes : text;
      case 'boolean':
        return boolean;
      case 'integer':
        return schema.format === 'int32' ? int32 : int64;
      case 'number':
        return float64;
      default:
        return freeForm;
    }
  };
  return named;
}

function structPlan(name: string, schema: Schema, planOf: (schema: Schema) => Plan): Plan {
  const [version = '', kind = ''] = name.split('.').slice(-2);
  let fields: Map<string, Plan> | undefined;
  return {
    goType: `${version}.${kind}`,
    zero: () => ({}),
    visit(value, pass) {
      if (!isObject(value)) return mismatch(value, this.goType, pass);
      fields ??= new Map(Object.entries(schema.properties ?? {}).map(([field, s]) => [field, planOf(s)]));
      const outer = pass.struct;
      for (const field of Object.keys(value)) {
        const plan = fields.get(field);
        if (!plan) {
          reportUnknown(field, pass);
          delete value[field];
          continue;
        }
        const member = value[field];
        pass.struct = kind;
        const kept = member === null ? nullMember(plan) : visitChild(plan, member, field, pass);
        if (kept === undefined) delete value[field];
        else if (kept !== member) value[field] = kept;
      }
      pass.struct = outer;
      return value;
    },
  };
}

/** A null member means that the field is absent, except where any JSON is a value. */
const nullMember = (plan: Plan): null | undefined => (plan === freeForm ? null : undefined);

function visitChild(plan: Plan, value: unknown, field: string, pass: Pass): unknown {
  pass.fields.push(field);
  pass.path.push(pass.path.length ? `.${field}` : field);
  const kept = plan.visit(value, pass);
  pass.fields.pop();
  pass.path.pop();
  return kept;
}

function listPlan(item: Plan): Plan {
  return {
    goType: `[]${item.goType}`,
    zero: () => [],
    visit(value, pass) {
      if (!Array.isArray(value)) return mismatch(value, this.goType, pass);
      for (let index = 0; index < value.length; index++) {
        const element: unknown = value[index];
        if (element === null) {
          value[index] = item.zero() ?? null;
          continue;
        }
        pass.path.push(`[${index}]`);
        const kept = item.visit(element, pass);
        pass.path.pop();
        if (kept !== element && kept !== undefined) value[index] = kept;
      }
      return value;
    },
  };
}

function mapPlan(item: Plan): Plan {
  return {
    goType: `map[string]${item.goType}`,
    zero: () => ({}),
    visit(value, pass) {
      if (!isObject(value)) return mismatch(value, this.goType, pass);
      for (const key of Object.keys(value)) {
        if (key === '__proto__') {
          pass.typeErrors.push(`json: the key ${JSON.stringify(key)} is not allowed`);
          delete value[key];
          continue;
        }
        const element = value[key];
        if (element === null) {
          value[key] = item.zero() ?? null;
          continue;
        }
        pass.path.push(pass.path.length ? `.${key}` : key);
        const kept = item.visit(element, pass);
        pass.path.pop();
        if (kept !== element && kept !== undefined) value[key] = kept;
      }
      return value;
    },
  };
}

const text: Plan = {
  goType: 'string',
  zero: () => '',
  visit: (value, pass) => (typeof value === 'string' ? value : mismatch(value, 'string', pass)),
};

const boolean: Plan = {
  goType: 'bool',
  zero: () => false,
  visit: (value, pass) => (typeof value === 'boolean' ? value : mismatch(value, 'bool', pass)),
};

const integer = (goType: string, limit: number): Plan => ({
  goType,
  zero: () => 0,
  visit(value, pass) {
    if (typeof value !== 'number') return mismatch(value, goType, pass);
    if (Number.isInteger(value) && value >= -limit && value < limit) return value;
    return report(`number ${value}`, goType, pass);
  },
});

const int32 = integer('int32', 2 ** 31);
const int64 = integer('int64', 2 ** 63);

const float64: Plan = {
  goType: 'float64',
  zero: () => 0,
  visit: (value, pass) => (typeof value === 'number' ? value : mismatch(value, 'float64', pass)),
};

const bytes: Plan = {
  goType: '[]uint8',
  zero: () => '',
  visit: (value, pass) =>
    typeof value === 'string' ? scalar(readBytes, value, pass) : mismatch(value, '[]uint8', pass),
};

/** Any JSON at all: kept as it is. */
const freeForm: Plan = { goType: 'runtime.RawExtension', zero: () => undefined, visit: (value) => value };

const scalarPlans: Readonly<Record<string, Plan>> = {
  [quantityName]: custom('resource.Quantity', '0', readQuantity),
  [timeName]: custom('v1.Time', null, readTime),
  [microTimeName]: custom('v1.MicroTime', null, readMicroTime),
  [intOrStringName]: custom('intstr.IntOrString', 0, readIntOrString),
};

function custom(goType: string, zero: unknown, read: (value: unknown) => unknown): Plan {
  return { goType, zero: () => zero, visit: (value, pass) => scalar(read, value, pass) };
}

/** Errors of a type's own UnmarshalJSON come without the field's name, as in Go. */
function scalar<V>(read: (value: V) => unknown, value: V, pass: Pass): unknown {
  try {
    return read(value);
  } catch (error) {
    if (!(error instanceof ScalarError)) throw error;
    pass.typeErrors.push(error.message);
    return value;
  }
}

const mismatch = (value: unknown, goType: string, pass: Pass): unknown => {
  report(goValueName(value), goType, pass);
  return value;
};

function report(found: string, goType: string, pass: Pass): undefined {
  const target = pass.fields.length ? `struct field ${pass.struct}.${pass.fields.join('.')}` : 'value';
  pass.typeErrors.push(`json: cannot unmarshal ${found} into Go ${target} of type ${goType}`);
}

function reportUnknown(field: string, pass: Pass): void {
  if (pass.unknownFields.length >= maxStrictErrors) return;
  pass.unknownFields.push(pass.path.length ? `${pass.path.join('')}.${field}` : field);
}
