/** What a client accepts and what it sends. Upstream: apiserver `pkg/endpoints/handlers/negotiation`. */
import { newNotAcceptable, newUnsupportedMediaType } from '../../api/meta/status-error';

export type OutputFormat = 'json' | 'yaml';

/** How a body may be written: kubectl since 1.32 writes in protobuf. */
export type BodyFormat = OutputFormat | 'protobuf';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** The shape of the answer: the objects, rows of a Table, or only the metadata. */
export interface Negotiated {
  format: OutputFormat;
  as?: 'Table' | 'PartialObjectMetadata';
  /** Of `meta.k8s.io`, when `as` is given. */
  version: 'v1' | 'v1beta1';
}

const plainJson: Negotiated = { format: 'json', version: 'v1' };

interface Clause {
  type: string;
  params: Record<string, string>;
  quality: number;
}

/**
 * What is answered: only a list can be a PartialObjectMetadataList; a watch sends objects, whichever form is asked for; the
 * result of what is not stored (a review, an eviction) has no columns.
 */
export type Answered = 'object' | 'list' | 'watch' | 'result';

/** Throws NotAcceptable when nothing the client wants can be made. */
export function negotiateOutput(accept: string | undefined, answered: Answered): Negotiated {
  if (!accept || accept === 'application/json' || accept === '*/*') return plainJson;
  for (const { type, params } of parseAccept(accept)) {
    const format = formatOf(type);
    // YAML has no form for streams.
    if (!format || (answered === 'watch' && format === 'yaml')) continue;
    if (params.as === undefined) return { format, version: 'v1' };
    const negotiated = shapeOf(format, params, answered);
    if (negotiated) return negotiated;
  }
  const accepted = answered === 'watch' ? 'application/json' : 'application/json, application/yaml';
  throw newNotAcceptable(`only the following media types are accepted: ${accepted}`);
}

function shapeOf(format: OutputFormat, params: Record<string, string>, answered: Answered): Negotiated | undefined {
  if (params.g !== 'meta.k8s.io' || (params.v !== 'v1' && params.v !== 'v1beta1')) return undefined;
  const version = params.v;
  if (params.as === 'Table') return answered === 'result' ? undefined : { format, as: 'Table', version };
  const ofList = params.as === 'PartialObjectMetadataList' && answered !== 'object';
  const ofObject = params.as === 'PartialObjectMetadata' && answered !== 'list';
  if (ofList || ofObject) return { format, as: 'PartialObjectMetadata', version };
  return undefined;
}

function formatOf(type: string): OutputFormat | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function parseAccept(header: string): Clause[] {
  const clauses = header.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const params: Record<string, string> = {};
    for (const part of rest) {
      const equals = part.indexOf('=');
      if (equals > 0) params[part.slice(0, equals).trim()] = part.slice(equals + 1).trim();
    }
    const quality = params.q === undefined ? 1 : Number.parseFloat(params.q);
    return { type: type.toLowerCase(), params, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.filter((clause) => clause.quality > 0).sort((a, b) => b.quality - a.quality);
}

/** The media type of a Content-Type header without its parameters; '' when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (!contentType) return '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** How a body is written. No Content-Type means JSON, as upstream. Throws UnsupportedMediaType. */
export function bodyFormatOf(contentType: string | undefined): BodyFormat {
  const type = mediaTypeOf(contentType);
  if (type === '' || type === 'application/json') return 'json';
  if (type === 'application/yaml') return 'yaml';
  if (type === protobufMediaType) return 'protobuf';
  throw unsupportedMediaType(['application/json', 'application/yaml', protobufMediaType]);
}

export const unsupportedMediaType = (accepted: readonly string[]): Error =>
  newUnsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
