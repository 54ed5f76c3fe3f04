import * as names from '../../../../api/meta/names';

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('names', () => {
  const table: [(value: never) => string[], unknown, string[]][] = [
    [names.isDns1123Label, 'web-1', []],
    [names.isDns1123Label, 'a.b', ['must not contain dots']],
    [
      names.isDns1123Label,
      'Web',
      [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    [names.isDns1123Label, 'a'.repeat(64), ['must be no more than 63 bytes']],
    [names.isDns1123Subdomain, 'a.b-c.d', []],
    [names.isDns1123Subdomain, 'Not_Ok', [subdomain]],
    [names.isDns1123Subdomain, 'a\n', [subdomain]],
    [names.isWildcardDns1123Subdomain, '*.example.com', []],
    [names.isDns1035Label, 'a1', []],
    [names.isQualifiedName, 'example.com/MyName', []],
    [names.isQualifiedName, '/x', ['prefix part must be non-empty']],
    [names.isQualifiedName, 'A/x', [`prefix part ${subdomain}`]],
    [names.isValidLabelValue, '', []],
    [names.isValidLabelValue, 'v1.2_x', []],
    [names.isValidPortName, 'http', []],
    [names.isValidPortName, '-a--b-', ['must not contain consecutive hyphens', 'must not begin or end with a hyphen']],
    [
      names.isValidPortName,
      'HTTP-and-more-than-15',
      ['must be no more than 15 bytes', 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    ],
    [names.isValidPortName, '80', ['must contain at least one letter (a-z)']],
    [names.isValidPortNum, 65536, ['must be between 1 and 65535, inclusive']],
    [names.isConfigMapKey, '..data', ["must not start with '..'"]],
    [names.isConfigMapKey, 'app.conf', []],
    [names.isEnvVarName, 'MY_VAR', []],
    [names.isRelaxedEnvVarName, '1 + 1', []],
    [
      names.isRelaxedEnvVarName,
      'a=b',
      ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
    ],
    [names.isValidPercent, '25%', []],
    [names.isValidIp, '10.0.0.1', []],
    [names.isValidIp, '10.1', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    [names.isValidIp, '010.0.0.1', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    [names.isValidCidr, '10.0.0.0/8', []],
    [names.isValidCidr, 'fd00::/129', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
    [names.isValidPathSegmentName, 'system:node', []],
    [names.isValidPathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
    [names.isValidPathSegmentName, '..', ["may not be '..'"]],
  ];

  it.each(table.map(([rule, value, messages]) => [rule.name, value, rule, messages] as const))(
    '%s of %j',
    (_name, value, rule, messages) => {
      expect(rule(value as never)).toEqual(messages);
    },
  );

  it('takes a generateName that ends in a dash', () => {
    expect(names.nameIsDnsSubdomain('web-', true)).toEqual([]);
    expect(names.nameIsDnsSubdomain('web-', false)).toEqual([subdomain]);
    expect(names.nameIsDnsLabel('web-', true)).toEqual([]);
  });
});
