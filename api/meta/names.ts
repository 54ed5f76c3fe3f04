/**
 * The syntax rules of names, keys and values: apimachinery `pkg/util/validation` and `pkg/api/validation/path`. Every
 * check answers a list of messages in upstream's words; an empty list means that the value is fine.
 */
import { isIP } from 'node:net';

const maxLength = (length: number): string => `must be no more than ${length} bytes`;
const nonEmpty = 'must be non-empty';

/** Go counts bytes; JavaScript counts UTF-16 units. */
const byteLength = (value: string): number => Buffer.byteLength(value);

/** Upstream's RegexError: what is wrong, examples, and the expression itself. */
export function regexError(message: string, format: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return examples.length
    ? `${message} (e.g. ${shown}regex used for validation is '${format}')`
    : `${message} (regex used for validation is '${format}')`;
}

export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;

interface Syntax {
  format: string;
  message: string;
  examples: string[];
  pattern: RegExp;
}

const syntax = (format: string, message: string, ...examples: string[]): Syntax => ({
  format,
  message,
  examples,
  pattern: new RegExp(`^(?:${format})$`),
});

const check = (rule: Syntax, value: string): string[] =>
  rule.pattern.test(value) ? [] : [regexError(rule.message, rule.format, ...rule.examples)];

const limited = (rule: Syntax, max: number, value: string): string[] => [
  ...(byteLength(value) > max ? [maxLength(max)] : []),
  // A value far over the limit is not worth matching: the expressions are linear, the message is not.
  ...check(rule, value),
];

const qualifiedName = syntax(
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]',
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyName',
  'my.name',
  '123-abc',
);
const labelValue = syntax(
  '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?',
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyValue',
  'my_value',
  '12345',
);
const dns1123Format = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const dns1123Label = syntax(
  dns1123Format,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  'my-name',
  '123-abc',
);
const dns1123SubdomainFormat = `${dns1123Format}(\\.${dns1123Format})*`;
const dns1123Subdomain = syntax(
  dns1123SubdomainFormat,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
);
const wildcardSubdomain = syntax(
  `\\*\\.${dns1123SubdomainFormat}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '*.example.com',
);
const dns1035Label = syntax(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
);
const cIdentifier = syntax(
  '[A-Za-z_][A-Za-z0-9_]*',
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  'my_name',
  'MY_NAME',
  'MyName',
);
const envVarName = syntax(
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
);
const relaxedEnvVarName = /^[ -<>-~]+$/;
const configMapKey = syntax(
  '[-._a-zA-Z0-9]+',
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  'key.name',
  'KEY_NAME',
  'key-name',
);
const httpHeaderName = syntax(
  '[-A-Za-z0-9]+',
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  'X-Header-Name',
);
const percent = syntax(
  '[0-9]+%',
  "a valid percent string must be a numeric string followed by an ending '%'",
  '1%',
  '93%',
);

/** Label and annotation keys, finalizers, resource names: an optional DNS subdomain, a slash, and a name. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const rule = regexError(qualifiedName.message, qualifiedName.format, ...qualifiedName.examples);
    return [`a qualified name ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1)!;
  const prefix = parts.length === 2 ? parts[0]! : undefined;
  const errors: string[] = [];
  if (prefix === '') errors.push(`prefix part ${nonEmpty}`);
  else if (prefix !== undefined) errors.push(...isDns1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  if (name === '') errors.push(`name part ${nonEmpty}`);
  else if (byteLength(name) > 63) errors.push(`name part ${maxLength(63)}`);
  return [...errors, ...check(qualifiedName, name).map((message) => `name part ${message}`)];
}

export const isValidLabelValue = (value: string): string[] => limited(labelValue, 63, value);

export function isDns1123Label(value: string): string[] {
  const errors = byteLength(value) > 63 ? [maxLength(63)] : [];
  if (dns1123Label.pattern.test(value)) return errors;
  // A valid subdomain that is no label can only have dots.
  if (dns1123Subdomain.pattern.test(value)) return [...errors, 'must not contain dots'];
  return [...errors, ...check(dns1123Label, value)];
}

export const isDns1123Subdomain = (value: string): string[] => limited(dns1123Subdomain, 253, value);
export const isWildcardDns1123Subdomain = (value: string): string[] => limited(wildcardSubdomain, 253, value);
export const isDns1035Label = (value: string): string[] => limited(dns1035Label, 63, value);
export const isCIdentifier = (value: string): string[] => check(cIdentifier, value);
export const isHttpHeaderName = (value: string): string[] => check(httpHeaderName, value);
export const isValidPercent = (value: string): string[] => check(percent, value);

/** `.` and `..` would escape the directory that a key becomes a file of. */
function changesDirectory(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

export const isEnvVarName = (value: string): string[] => [...check(envVarName, value), ...changesDirectory(value)];

/** What 1.34 and later accept as the name of an environment variable: any printable ASCII but '='. */
export const isRelaxedEnvVarName = (value: string): string[] => {
  if (value === '') return ['environment variable name ' + nonEmpty];
  return relaxedEnvVarName.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

export const isConfigMapKey = (value: string): string[] => [
  ...limited(configMapKey, 253, value),
  ...changesDirectory(value),
];

export function isValidPortName(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 15) errors.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export const isInRange = (value: number, low: number, high: number): string[] =>
  value >= low && value <= high ? [] : [inclusiveRangeError(low, high)];

export const isValidPortNum = (port: number): string[] => isInRange(port, 1, 65535);
export const isValidUserId = (uid: number): string[] => isInRange(uid, 0, 2147483647);
export const isValidGroupId = isValidUserId;

export const isValidIp = (value: string): string[] =>
  isIP(value) && !value.includes('%') ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];

export const isValidIpv4 = (value: string): string[] => (isIP(value) === 4 ? [] : ['must be an IPv4 address']);

export function isValidCidr(value: string): string[] {
  const [address = '', bits, ...rest] = value.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  const fine =
    family && rest.length === 0 && /^(0|[1-9]\d*)$/.test(bits ?? '') && Number(bits) <= (family === 4 ? 32 : 128);
  return fine ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** Names that become one segment of a URL path and have no other rule, such as RBAC's. */
export function isValidPathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((mark) => value.includes(mark)).map((mark) => `may not contain '${mark}'`);
}

/** A generateName may end in a dash: the random suffix follows it. */
const maskTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;

/** The usual rule of `metadata.name`. `prefix` is true for generateName. */
export const nameIsDnsSubdomain = (name: string, prefix: boolean): string[] =>
  isDns1123Subdomain(prefix ? maskTrailingDash(name) : name);
export const nameIsDnsLabel = (name: string, prefix: boolean): string[] =>
  isDns1123Label(prefix ? maskTrailingDash(name) : name);
export const nameIsDns1035Label = (name: string, prefix: boolean): string[] =>
  isDns1035Label(prefix ? maskTrailingDash(name) : name);
/** For kinds whose prefix upstream checks no differently from the name. */
export const nameIsPathSegment = (name: string, _prefix: boolean): string[] => isValidPathSegmentName(name);
