import { compileCel, createCostBudget, types } from '../../../../apiserver/cel';

const evaluate = (source: string): unknown =>
  compileCel(source, { variables: { object: types.dyn } }).evaluateJson(
    { object: { words: ['a', 'b'] } },
    createCostBudget(),
  );

describe('the libraries of Kubernetes', () => {
  it.each<[string, unknown]>([
    // Strings.
    ["'hello'.charAt(4)", 'o'],
    ["'hello'.charAt(5)", ''],
    ["'hello mellow'.indexOf('ello', 2)", 7],
    ["'hello mellow'.lastIndexOf('ello')", 7],
    ["'hello mellow'.lastIndexOf('ello', 6)", 1],
    ["'wörld'.indexOf('r')", 2],
    ["'hello'.indexOf('')", 0],
    ["'TacoCÆt'.lowerAscii()", 'tacocÆt'],
    ["'TacoCÆt'.upperAscii()", 'TACOCÆT'],
    ["'hello hello'.replace('he', 'we')", 'wello wello'],
    ["'hello hello'.replace('he', 'we', 1)", 'wello hello'],
    ["'ab'.replace('', '-')", '-a-b-'],
    ["'a,b,c'.split(',')", ['a', 'b', 'c']],
    ["'a,b,c'.split(',', 2)", ['a', 'b,c']],
    ["'a,b,c'.split(',', 0)", []],
    ["'tacocat'.substring(4)", 'cat'],
    ["'tacocat'.substring(0, 4)", 'taco'],
    ["'  \\ttrim\\n '.trim()", 'trim'],
    ["['x', 'y'].join('-')", 'x-y'],
    ["'añb'.reverse()", 'bña'],
    [
      "'%s has %d of %.2f, %x, %b, %% %s'.format(['a', 3, 1.5, 255, 5, ['b', 'c']])",
      'a has 3 of 1.50, ff, 101, % [b, c]',
    ],
    ["'%s'.format([{'k': 1.0}])", '{k: 1}'],
    // Lists and sets.
    ['[1, 3, 2].isSorted()', false],
    ["['a', 'b'].isSorted()", true],
    ['[1, 3].sum()', 4],
    ['[1.0, 3.0].sum()', 4],
    ["[duration('1m'), duration('1s')].sum() == duration('61s')", true],
    ['[1, 3, 2].max()', 3],
    ['object.words.min()', 'a'],
    ['[1, 2, 2].indexOf(2)', 1],
    ['[1, 2, 2].lastIndexOf(2)', 2],
    ['sets.contains([1, 2], [2, 1, 1])', true],
    ['sets.equivalent([1, 2, 2], [2, 1])', true],
    ['sets.intersects([1], [2, 3])', false],
    // Regular expressions.
    ["'abc 123'.find('[0-9]+')", '123'],
    ["'abc'.find('[0-9]+')", ''],
    ["'123 abc 456'.findAll('[0-9]+')", ['123', '456']],
    ["'123 abc 456'.findAll('[0-9]+', 1)", ['123']],
    // URLs.
    ["url('https://example.com:80/a?k1=a&k2=b&k1=c').getHost()", 'example.com:80'],
    ["url('https://[::1]:80/a').getHostname()", '::1'],
    ["url('https://example.com/a?k1=a&k2=b&k1=c').getQuery()", { k1: ['a', 'c'], k2: ['b'] }],
    ["url('/path').getScheme()", ''],
    ["isURL('https://u:p@host/path')", true],
    ["isURL('../relative')", false],
    ["isURL('no scheme')", false],
    // Addresses.
    ["isIP('1.2.3.4') && !isIP('1.2.3.04') && !isIP('::ffff:1.2.3.4') && isIP('2001:db8::1')", true],
    ["ip('2001:db8::1').family()", 6],
    ["ip.isCanonical('2001:DB8::1')", false],
    ["string(ip('2001:db8:0:0:1:0:0:0'))", '2001:db8:0:0:1::'],
    ["string(ip('::'))", '::'],
    [
      "ip('127.0.0.1').isLoopback() && ip('169.254.1.1').isLinkLocalUnicast() && ip('10.0.0.1').isGlobalUnicast()",
      true,
    ],
    ["cidr('192.168.0.0/24').containsIP('192.168.0.7')", true],
    ["cidr('192.168.0.0/24').containsIP(ip('192.168.1.7'))", false],
    ["cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", true],
    ["cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/16'))", false],
    ["string(cidr('192.168.1.7/24').masked())", '192.168.1.0/24'],
    ["cidr('::1/128').prefixLength()", 128],
    ["isCIDR('10.0.0.0/33')", false],
    ["cidr('10.0.0.0/8').ip() == ip('10.0.0.0')", true],
    ['type(ip("1.2.3.4")) == net.IP', true],
    // Quantities.
    ["quantity('1500m').isGreaterThan(quantity('1'))", true],
    ["quantity('1Gi').asInteger()", 1073741824],
    ["quantity('1.5').isInteger()", false],
    ["quantity('1').add(quantity('500m')).compareTo(quantity('1500m'))", 0],
    ["quantity('50k').sub(10000) == quantity('40k')", true],
    ["isQuantity('1.3Giz')", false],
    ["quantity('-1').sign()", -1],
    ["quantity('500m').asApproximateFloat()", 0.5],
    // Versions.
    ["semver('1.2.3').isLessThan(semver('1.10.0'))", true],
    ["semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))", true],
    ["semver('v1.2', true) == semver('1.2.0')", true],
    ["isSemver('v1.2.3')", false],
    ["semver('1.2.3').minor()", 2],
    // Named formats.
    ["!format.dns1123Label().validate('my-name').hasValue()", true],
    ["format.dns1123Label().validate('My').hasValue()", true],
    ["!format.named('date').value().validate('2024-02-29').hasValue()", true],
    ["format.named('nope').hasValue()", false],
    // Optionals.
    ['optional.of(1).value()', 1],
    ['optional.none().orValue(2)', 2],
    ['optional.ofNonZeroValue(0).hasValue()', false],
    ['optional.of(1).or(optional.of(2)).value()', 1],
    ['optional.of({"a": 1}).?a.value()', 1],
    ['optional.of(3).optFlatMap(x, x > 2 ? optional.of(x) : optional.none()).hasValue()', true],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ["'tacocat'.substring(4, 2)", 'invalid substring range. start: 4, end: 2'],
    ["'tacocat'.charAt(99)", 'index out of range: 99'],
    ['[1].filter(x, x > 1).max()', 'max called on empty list'],
    ["quantity('x')", 'quantities must match the regular expression'],
    ["ip('1.2.3')", 'IP Address "1.2.3" parse error during conversion from string'],
    ["cidr('1.2.3.4')", 'CIDR "1.2.3.4" parse error'],
    ['optional.none().value()', 'optional.none() dereference'],
    ["'%d'.format(['a'])", 'decimal clause can only be used on integers'],
    ["'%s %s'.format(['a'])", 'index 1 out of range'],
    ["url('https://example.com:80/a b?')", 'URL parse error'],
    ["url('nope')", 'URL parse error during conversion from string'],
    ["semver('1')", 'semver parse error'],
  ])('fails: %s', (source, message) => {
    expect(() => evaluate(source)).toThrow(message);
  });
});
