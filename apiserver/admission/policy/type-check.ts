/** Type checking of policies against the kinds that they match: warnings, never errors. Upstream: `validating/typechecking.go`. */
import type { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/v1/types';
import { findDefinition } from '../../../api/schema/definitions';
import { celNameOf } from '../../apiextensions/rules/cel-names';
import { CelCompileError, type CelType, compileCel } from '../../cel';
import { createOpenApiTypes, type OpenApiTypes } from '../../cel/openapi-types';
import type { ResourceTable, ServedResource } from '../../endpoints/served-resource';
import { policyVariables } from '../dynamic/cel-environment';
import { compileVariables } from './variables';

export interface ExpressionWarning {
  fieldRef: string;
  warning: string;
}

const maxTypes = 10;

/** The kinds that the rules name without wildcards. */
export function kindsToCheck({ spec }: ValidatingAdmissionPolicy, table: ResourceTable): ServedResource[] {
  const found = new Map<string, ServedResource>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of spec?.matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((name) => name.includes('*'))) continue;
    const plain = resources.filter((name) => !/[*/]/.test(name));
    for (const group of apiGroups) {
      for (const version of apiVersions) {
        for (const plural of plain) {
          const served = table.find(group, version, plural);
          if (served && found.size < maxTypes) found.set(`${group}/${version}, Kind=${served.kind}`, served);
        }
      }
    }
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, served]) => served);
}

const builtInTypes = createOpenApiTypes(findDefinition, celNameOf);

function typesOf({ definition }: ServedResource): OpenApiTypes {
  if (!definition.custom) return builtInTypes;
  const own = definition.custom.openApi('v3');
  return createOpenApiTypes((name) => (Object.hasOwn(own, name) ? own[name] : findDefinition(name)), celNameOf);
}

/** The expressions whose fields and operators do not fit one of the kinds. */
export function typeCheck(policy: ValidatingAdmissionPolicy, table: ResourceTable): ExpressionWarning[] {
  const { validations = [], variables, paramKind } = policy.spec ?? {};
  const param = paramKind && table.findKind(paramKind.apiVersion ?? '', paramKind.kind ?? '');
  const params = param && typesOf(param).typeOf(param.schema);
  const environments = kindsToCheck(policy, table).flatMap((served) => {
    const object = typesOf(served).typeOf(served.schema);
    if (!object) return [];
    const known: Record<string, CelType> = {
      ...policyVariables(paramKind !== undefined),
      object,
      oldObject: object,
      ...(params && { params }),
    };
    const composed = compileVariables(variables, { variables: known });
    return [{ served, variables: { ...known, variables: composed.type } }];
  });
  const warningOf = (source: string): string =>
    environments
      .map(({ served, variables: known }) => problemOf(source, known, served))
      .filter((problem) => problem !== undefined)
      .join('\n');
  return validations.flatMap(({ expression, messageExpression }, index) => {
    const fields = { expression, ...(messageExpression && { messageExpression }) };
    return Object.entries(fields).flatMap(([field, source]): ExpressionWarning[] => {
      const warning = warningOf(source);
      return warning ? [{ fieldRef: `spec.validations[${index}].${field}`, warning }] : [];
    });
  });
}

function problemOf(
  source: string,
  variables: Record<string, CelType>,
  { group, version, kind }: ServedResource,
): string | undefined {
  try {
    compileCel(source, { variables });
    return undefined;
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error;
    return `${group}/${version}, Kind=${kind}: ${error.message}\n`;
  }
}
