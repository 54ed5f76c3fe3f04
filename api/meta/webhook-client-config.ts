/**
 * How a webhook is reached: a URL or a Service, who signed its certificate, and in which versions it is asked. Upstream: apiserver
 * `pkg/util/webhook/validation.go`.
 */
import { X509Certificate } from 'node:crypto';
import { invalidEach, repeatedAt } from './field-checks';
import { type FieldError, type FieldPath, invalid, required } from './field-error';
import { isDns1035Label, isDns1123Subdomain, isValidPortNum } from './names';

export interface WebhookClientConfigLike {
  url?: string;
  service?: { name?: string; namespace?: string; path?: string; port?: number };
  caBundle?: string;
}

/** RFC 3986, appendix B. */
const urlParts = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const form = '; desired format: https://host[/path]';

/** Exactly one of `url` and `service`, and each in order. */
export function validateWebhookClient(config: WebhookClientConfigLike, path: FieldPath): FieldError[] {
  const { url, service } = config;
  if (url !== undefined && service === undefined) return validateUrl(url, path.child('url'));
  if (service !== undefined && url === undefined) return validateService(service, path.child('service'));
  return [required(path, 'exactly one of url or service is required')];
}

function validateUrl(url: string, path: FieldPath): FieldError[] {
  const [, scheme = '', authority = '', , query, fragment] = urlParts.exec(url) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const port = /:([^\]]*)$/.exec(host)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) {
    const problem = `parse ${JSON.stringify(url)}: invalid port ":${port}" after host`;
    return [required(path, `url must be a valid URL: ${problem}${form}`)];
  }
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  if (!host) errors.push(invalid(path, host, `host must be specified${form}`));
  if (at >= 0) errors.push(invalid(path, authority.slice(0, at), 'user information is not permitted in the URL'));
  if (fragment) errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query) errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function validateService(service: NonNullable<WebhookClientConfigLike['service']>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!service.name) errors.push(required(path.child('name'), 'service name is required'));
  if (!service.namespace) errors.push(required(path.child('namespace'), 'service namespace is required'));
  const port = service.port ?? 443;
  const messages = isValidPortNum(port);
  if (messages.length) errors.push(invalid(path.child('port'), port, `port is not valid: ${messages.join(', ')}`));
  return [...errors, ...validateServicePath(service.path ?? '', path.child('path'))];
}

function validateServicePath(urlPath: string, path: FieldPath): FieldError[] {
  if (urlPath === '' || urlPath === '/') return [];
  if (urlPath === '//') return [invalid(path, urlPath, 'segment[0] may not be empty')];
  const errors = urlPath.startsWith('/') ? [] : [invalid(path, urlPath, "must start with a '/'")];
  // Upstream cuts the first character without looking, and one slash at the end.
  for (const [index, segment] of urlPath.slice(1).replace(/\/$/, '').split('/').entries()) {
    const messages = segment ? isDns1123Subdomain(segment).map((message) => `: ${message}`) : [' may not be empty'];
    errors.push(...messages.map((message) => invalid(path, urlPath, `segment[${index}]${message}`)));
  }
  return errors;
}

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** `caBundle` is base64 of PEM, and has at least one certificate. */
export function validateCaBundle(caBundle: string, path: FieldPath): FieldError[] {
  const refuse = (problem: string): FieldError[] => [
    invalid(path, caBundle, `unable to load root certificates: ${problem}`),
  ];
  const blocks = Buffer.from(caBundle, 'base64').toString().match(certificate);
  if (!blocks) return refuse('unable to parse bytes as PEM block');
  try {
    for (const block of blocks) void new X509Certificate(block);
    return [];
  } catch {
    return refuse('data does not contain any valid RSA or ECDSA certificates');
  }
}

/** Versions of reviews that this server knows. */
export const reviewVersions = ['v1', 'v1beta1'];

/** Versions of the review that the webhook understands, best first; one of them must be known here. `missing` tells of none. */
export function validateReviewVersions(versions: string[], path: FieldPath, missing?: string): FieldError[] {
  if (versions.length === 0) return [required(path, missing)];
  const repeated = repeatedAt(versions);
  const errors = versions.flatMap((version, index) =>
    repeated.has(index)
      ? [invalid(path.index(index), version, 'duplicate version')]
      : invalidEach(path.index(index), version, isDns1035Label(version)),
  );
  if (!versions.some((version) => reviewVersions.includes(version))) {
    errors.push(invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
  }
  return errors;
}
