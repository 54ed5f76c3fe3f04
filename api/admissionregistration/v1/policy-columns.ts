/** What the tables of admission policies and their bindings share. */
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import type { TableColumn } from '../../meta/resource-definition';
import type { KubeObject, LabelSelector } from '../../meta/types';
import type { ParamKind, ParamRef } from './types';

const unset = '<unset>';

export const paramKindColumn = <T extends KubeObject & { spec?: { paramKind?: ParamKind } }>(): TableColumn<T> =>
  textColumn('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy', ({ spec }) =>
    spec?.paramKind ? `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}` : unset,
  );

/** As Go prints the struct; upstream shows it as it is. */
function formatSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels).sort();
  const requirements = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return (
    `&LabelSelector{MatchLabels:map[string]string{${labels.map((key) => `${key}: ${matchLabels[key]},`).join('')}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${requirements.join('')}},}`
  );
}

function formatParamRef(reference: ParamRef | undefined): string {
  if (reference?.name) return reference.namespace ? `${reference.namespace}/${reference.name}` : reference.name;
  return reference?.selector ? formatSelector(reference.selector) : unset;
}

/** The table of both kinds of bindings. */
export const bindingColumns: TableColumn<KubeObject & { spec?: { policyName?: string; paramRef?: ParamRef } }>[] = [
  nameColumn,
  textColumn(
    'PolicyName',
    'PolicyName indicates the policy definition which the policy binding binded to',
    ({ spec }) => spec?.policyName ?? '',
  ),
  textColumn('ParamRef', 'ParamRef indicates the param resource which sets the configration param', ({ spec }) =>
    formatParamRef(spec?.paramRef),
  ),
  ageColumn,
];
