/** The options of the verbs, from the query or the body, checked with upstream's messages. */
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '../../api/meta/field-error';
import { validateDeleteOptions, validateDryRun } from '../../api/meta/object-meta';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { type FieldSelector, parseFieldSelector, parseSelector } from '../../api/meta/selectors';
import { newBadRequest, newInvalid } from '../../api/meta/status-error';
import type { DeleteRequest } from '../registry/store';
import { isTrue } from '../request-info';
import type { StorageListOptions } from '../storage/storage';
import { type ApiRequest, namespaceOf } from './api-request';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';
type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

const throwIfInvalid = (kind: OptionsKind, errors: FieldError[]): void => {
  if (errors.length > 0) throw newInvalid({ group: 'meta.k8s.io', kind }, '', errors);
};

/** True for `dryRun=All`. Other values are refused later, by the options of the verb. */
export const isDryRun = (query: URLSearchParams): boolean => query.getAll('dryRun').includes('All');

interface WriteOptions {
  fieldValidation: FieldValidation;
}

/** CreateOptions, UpdateOptions and PatchOptions; of patches that are no configurations. */
export function parseWriteOptions(query: URLSearchParams, kind: OptionsKind): WriteOptions {
  const errors: FieldError[] = [];
  if (kind === 'PatchOptions' && query.has('force')) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  return checkWriteOptions(query, kind, errors);
}

/** PatchOptions of an apply. */
export function parseApplyOptions(query: URLSearchParams): WriteOptions & { force: boolean } {
  const errors = query.get('fieldManager') ? [] : [required('fieldManager', 'is required for apply patch')];
  return { ...checkWriteOptions(query, 'PatchOptions', errors), force: isTrue(query.get('force')) };
}

function checkWriteOptions(query: URLSearchParams, kind: OptionsKind, errors: FieldError[]): WriteOptions {
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  const fieldManager = query.get('fieldManager') ?? '';
  if (Buffer.byteLength(fieldManager) > 128) errors.push(tooLong('fieldManager', fieldManager, 128));
  const unprintable = [...fieldManager].findIndex((char) => !/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char));
  if (unprintable >= 0) {
    errors.push(invalid('fieldManager', fieldManager, `should only contain printable characters`));
  }
  errors.push(...validateDryRun(query.getAll('dryRun').filter(Boolean)));
  if (!['Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['Ignore', 'Warn', 'Strict']));
  }
  throwIfInvalid(kind, errors);
  return { fieldValidation: fieldValidation as FieldValidation };
}

/** DeleteOptions from a decoded body, or from the query when there is none. Says also whether it is a dry run. */
export function parseDeleteOptions(body: any, query: URLSearchParams): DeleteRequest & { dryRun: boolean } {
  const options = body ?? {
    gracePeriodSeconds: query.has('gracePeriodSeconds') ? integer(query, 'gracePeriodSeconds') : undefined,
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: query.has('orphanDependents') ? isTrue(query.get('orphanDependents')) : undefined,
    dryRun: query.getAll('dryRun').filter(Boolean),
  };
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = options;
  const dryRun: string[] = options.dryRun ?? [];
  throwIfInvalid('DeleteOptions', validateDeleteOptions({ orphanDependents, propagationPolicy, dryRun }));
  return {
    ...(gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(orphanDependents !== undefined && { orphanDependents }),
    ...(preconditions && { preconditions }),
    dryRun: dryRun.includes('All') || isDryRun(query),
  };
}

function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (!/^[+-]?\d+$/.test(text)) {
    throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

export interface ListRequest extends StorageListOptions {
  timeoutSeconds?: number;
  allowBookmarks: boolean;
  sendInitialEvents?: boolean;
}

/** ListOptions of list, watch and deletecollection. `name` narrows to one object (`/watch/…/pods/web`). */
export function parseListOptions(api: ApiRequest, watch: boolean): ListRequest {
  const { query, context, resource } = api;
  validateListOptions(query, watch);
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const labels = text('labelSelector');
  const fields = parseFields(api, watch);
  const limit = query.get('limit') ? integer(query, 'limit') : 0;
  const resourceVersion = text('resourceVersion');
  const resourceVersionMatch = text('resourceVersionMatch') as ListRequest['resourceVersionMatch'];
  const continueToken = text('continue');
  return {
    namespace: resource.definition.namespaced ? namespaceOf(api) : '',
    ...(labels && { labels: parseSelector(labels) }),
    ...(fields && { fields }),
    ...(resourceVersion && { resourceVersion }),
    ...(resourceVersionMatch && { resourceVersionMatch }),
    ...(limit > 0 && { limit }),
    ...(continueToken && { continue: continueToken }),
    ...(query.get('timeoutSeconds') && { timeoutSeconds: integer(query, 'timeoutSeconds') }),
    ...(query.get('sendInitialEvents') && { sendInitialEvents: isTrue(query.get('sendInitialEvents')) }),
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    ...(!watch && { signal: context.signal }),
  };
}

/** Upstream: apimachinery `pkg/apis/meta/internalversion/validation`. */
function validateListOptions(query: URLSearchParams, watch: boolean): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  const initialEvents = Boolean(query.get('sendInitialEvents'));
  const errors: FieldError[] = [];
  const refuse = (field: string, detail: string): void => void errors.push(forbidden(field, detail));
  if (watch) {
    if (initialEvents && match !== 'NotOlderThan') {
      refuse('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    if (match && !initialEvents) {
      refuse(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      );
    }
    if (match && match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']));
  } else if (match) {
    if (!resourceVersion) {
      refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      refuse('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (match && query.get('continue')) {
    refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  }
  if (!watch && initialEvents) refuse('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  throwIfInvalid('ListOptions', errors);
  if (resourceVersion && !/^\d+$/.test(resourceVersion)) {
    throw newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      invalid(
        'resourceVersion',
        resourceVersion,
        `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
      ),
    ]);
  }
}

/** The field selector, checked against what the kind supports, and the name in the path of a watch. */
function parseFields({ query, context, resource }: ApiRequest, watch: boolean): FieldSelector | undefined {
  const text = query.get('fieldSelector');
  const selector = text ? parseFieldSelector(text) : undefined;
  for (const { field } of selector?.requirements ?? []) checkFieldLabel(resource.definition, field);
  const named = watch && context.info.parts.length > 1 ? context.info.parts[1] : undefined;
  if (!named) return selector;
  if (selector && selector.requirements.length > 0) {
    const same = selector.requirements.some(
      ({ field, operator, value }) => field === 'metadata.name' && operator === '=' && value === named,
    );
    if (!same) throw newBadRequest("fieldSelector metadata.name doesn't match requested name");
    return selector;
  }
  return parseFieldSelector(`metadata.name=${named}`);
}

/** Kinds with selectable fields of their own have their own message upstream. */
function checkFieldLabel(definition: ResourceDefinition, field: string): void {
  if (field === 'metadata.name' || (field === 'metadata.namespace' && definition.namespaced)) return;
  const own = Object.keys(definition.selectableFields ?? {});
  if (own.includes(field) || field === 'metadata.namespace') return;
  throw newBadRequest(
    own.length > 0
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}
