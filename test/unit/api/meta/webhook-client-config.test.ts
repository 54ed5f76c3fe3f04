import { FieldPath, formatFieldError } from '../../../../api/meta/field-error';
import { validateCaBundle, validateWebhookClient } from '../../../../api/meta/webhook-client-config';

const path = FieldPath.of('x');
const errorsOf = (url: string): string[] => validateWebhookClient({ url }, path).map((one) => formatFieldError(one));

it.each(['https://example.com', 'https://example.com:8443/a/b', 'https://[2001:db8::1]:443/'])('takes %s', (url) => {
  expect(errorsOf(url)).toEqual([]);
});

it.each([
  [
    'example.com',
    ['x.url: Invalid value: "": \'https\' is the only', 'x.url: Invalid value: "": host must be specified'],
  ],
  ['https:///path', ['x.url: Invalid value: "": host must be specified']],
  [
    'https://a:b',
    ['x.url: Required value: url must be a valid URL: parse "https://a:b": invalid port ":b" after host'],
  ],
])('refuses %s', (url, beginnings) => {
  const errors = errorsOf(url);
  expect(errors).toHaveLength(beginnings.length);
  for (const [index, beginning] of beginnings.entries()) expect(errors[index]!.startsWith(beginning)).toBe(true);
});

it.each([
  ['nothing to decode', 'unable to parse bytes as PEM block'],
  [
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    'data does not contain any valid RSA or ECDSA certificates',
  ],
])('refuses a bundle of %j', (text, problem) => {
  expect(validateCaBundle(Buffer.from(text).toString('base64'), path)).toMatchObject([
    { detail: `unable to load root certificates: ${problem}` },
  ]);
});
