/** From a body to an object of the kind that was asked for, with upstream's messages for what does not fit. */
import { checkObject } from '../../api/schema/walk';
import { invalid } from '../../api/meta/field-error';
import { newBadRequest, newInvalid, StatusError } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import { apiVersionOf, type BodyCheck, type CustomKind } from '../../api/meta/resource-definition';
import { findRepetitions, noRepetitions, type Repetitions, strictErrorsOf, unknownField } from './duplicate-fields';
import { parseBody, refusePrototypeKeys } from './parse-body';
import type { BodyFormat } from './negotiate';
import { decodeProtobuf, protobufMessageOf } from './protobuf/decode-body';
import type { FieldValidation } from './options';
import type { ResourceTable } from './served-resource';

/** What a body is expected to be. `schema` is undefined for kinds that have none: then only the kind is checked. */
export interface ExpectedKind {
  group: string;
  version: string;
  kind: string;
  schema?: string | undefined;
  /** Checks and prunes instead of `schema`. */
  definition?: { custom?: Pick<CustomKind, 'checkBody'> };
}

export interface DecodeOptions {
  expected: ExpectedKind;
  /** The kind is registered in every group and version (DeleteOptions). */
  anyVersion?: boolean;
  format: BodyFormat;
  fieldValidation: FieldValidation;
  table: ResourceTable;
  warn(message: string): void;
}

const scheme = '"pkg/api/legacyscheme/scheme.go:30"';

/**
 * The object in `body`, with apiVersion and kind set, typed as the schema says and without unknown fields. Throws
 * BadRequest.
 */
export function decodeObject(body: Buffer, options: DecodeOptions): KubeObject {
  const { expected, format } = options;
  const unrecognized = (detail: string): StatusError =>
    newBadRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${detail} (${summarize(body)})`,
    );
  let value: unknown;
  try {
    if (format === 'protobuf') {
      value = decodeProtobuf(body, messageOf);
      refusePrototypeKeys(body, value);
    } else value = parseBody(body, format);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    const { message } = error as Error;
    if (format === 'protobuf') throw unrecognized(message);
    throw unrecognized(`couldn't get version/kind; json parse error: ${message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    throw unrecognized(`couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into an object`);
  }
  const object = value as KubeObject;
  const repetitions = options.fieldValidation === 'Ignore' ? noRepetitions : findRepetitions(body, format, object);
  checkKind(object, options);
  // Custom objects are decoded first and compared with their schema then.
  const onePass = format === 'json' && !expected.definition?.custom && repetitions.errors.length > 0;
  checkSchema(object, {
    ...options,
    repetitions,
    ...(onePass && { inBodyOrder: (unknownFields) => strictErrorsOf(body, unknownFields) }),
  });
  return object;
}

/** The message that `apiVersion` and `kind` name. */
function messageOf(apiVersion: string, kind: string): string | undefined {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined ? protobufMessageOf('', group, kind) : protobufMessageOf(group, version, kind);
}

/** Upstream's summarizeData. */
function summarize(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const more = body.length > 30 ? ' ...' : '';
  return body.subarray(0, 30).toString(body[0] === 0x7b ? 'utf8' : 'hex') + more;
}

function checkKind(object: KubeObject, { expected, table, anyVersion }: DecodeOptions): void {
  const expectedVersion = apiVersionOf(expected.group, expected.version);
  for (const field of ['apiVersion', 'kind'] as const) {
    const value: unknown = object[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      const found =
        typeof value === 'object'
          ? Array.isArray(value)
            ? 'array'
            : 'object'
          : typeof value === 'boolean'
            ? 'bool'
            : typeof value;
      throw newBadRequest(
        `the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`,
      );
    }
  }
  const apiVersion = object.apiVersion || expectedVersion;
  const kind = object.kind || expected.kind;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  // Nothing is registered of custom kinds: their validation compares.
  const isCustom = expected.definition?.custom !== undefined;
  if (isCustom && apiVersion === expectedVersion && kind !== expected.kind) {
    const error = invalid('kind', kind, `must be ${expected.kind}`);
    throw newInvalid({ group: expected.group, kind }, object.metadata?.name ?? '', [error]);
  }
  if (kind !== expected.kind && !isCustom) {
    const known = table.findKind(apiVersion, kind);
    const detail = known
      ? `converting (${version}.${kind}) to (${expected.group.split('.')[0] || 'core'}.${expected.kind}): unknown conversion`
      : notRegistered(kind, apiVersion);
    throw newBadRequest(`${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${detail}`);
  }
  if (apiVersion !== expectedVersion && !anyVersion) {
    if (!isCustom && !table.findKind(apiVersion, kind)) {
      const detail = notRegistered(kind, apiVersion);
      throw newBadRequest(`${kind} in version "${version}" cannot be handled as a ${expected.kind}: ${detail}`);
    }
    throw newBadRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expectedVersion})`,
    );
  }
  object.apiVersion = apiVersion;
  object.kind = kind;
}

const notRegistered = (kind: string, apiVersion: string): string =>
  `no kind "${kind}" is registered for version "${apiVersion}" in scheme ${scheme}`;

export interface SchemaCheck extends Pick<DecodeOptions, 'expected' | 'fieldValidation' | 'warn'> {
  /** What was found in the body before. */
  repetitions?: Repetitions;
  /** These and the unknown fields as the body has them; default: unknown fields last. */
  inBodyOrder?(unknownFields: readonly string[]): readonly string[];
  /** The errors of whole objects unless patches have their own. */
  wrongType?(detail: string): StatusError;
  strict?(detail: string): StatusError;
}

const checkBody = ({ schema, definition }: ExpectedKind, object: KubeObject): BodyCheck =>
  definition?.custom?.checkBody(object) ??
  (schema ? checkObject(schema, object) : { typeErrors: [], unknownFields: [] });

/** Types, unknown and repeated fields, as `fieldValidation` says. Unknown fields are dropped from `object`. */
export function checkSchema(object: KubeObject, check: SchemaCheck): void {
  const { expected, fieldValidation, warn, repetitions = noRepetitions } = check;
  const { typeErrors, unknownFields } = checkBody(expected, object);
  const cannotHandle = (detail: string): StatusError =>
    newBadRequest(
      `${expected.kind} in version "${expected.version}" cannot be handled as a ${expected.kind}: ${detail}`,
    );
  const { wrongType = cannotHandle, strict: notStrict = cannotHandle } = check;
  if (typeErrors.length > 0) throw wrongType(typeErrors[0]!);
  const ordered = check.inBodyOrder?.(unknownFields);
  const unknown = unknownFields.map(unknownField);
  const errors = ordered ?? [...repetitions.errors, ...unknown];
  if (errors.length === 0 || fieldValidation === 'Ignore') return;
  if (fieldValidation === 'Strict') throw notStrict(`strict decoding error: ${errors.join(', ')}`);
  (ordered ?? [...repetitions.warnings, ...unknown]).forEach(warn);
}
