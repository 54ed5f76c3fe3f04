import {
  CelCompileError,
  CelRuntimeError,
  compileCel,
  createCostBudget,
  runtimeCostBudget,
  type CelType,
  types,
} from '../../../../apiserver/cel';

const pod = {
  metadata: { name: 'web-0', labels: { app: 'web', tier: 'front' }, finalizers: [] as string[] },
  spec: {
    replicas: 3,
    ratio: 0.5,
    hostNetwork: false,
    containers: [
      {
        name: 'a',
        image: 'docker.io/nginx:1.25',
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: '500m' } },
      },
      { name: 'b', image: 'busybox' },
    ],
  },
};

const variables: Record<string, CelType> = {
  object: types.dyn,
  oldObject: types.dyn,
  numbers: types.list(types.int),
  words: types.list(types.string),
  text: types.string,
  flag: types.bool,
  labels: types.map(types.string, types.string),
  since: types.timestamp,
  self: types.object('Widget', {
    size: types.int,
    name: types.string,
    wait: types.duration,
    ratio: types.double,
    tags: types.list(types.string),
  }),
};
const activation = {
  object: pod,
  oldObject: null,
  numbers: [1, 2, 3, 4],
  words: ['b', 'a', 'c'],
  text: 'Hello, wörld',
  flag: true,
  labels: { app: 'web' },
  since: '2024-02-29T12:30:15.5Z',
  self: { size: 5, name: 'w', wait: '90s', ratio: 2 },
};

const evaluate = (source: string): unknown =>
  compileCel(source, { variables }).evaluateJson(activation, createCostBudget());

describe('expressions', () => {
  it.each<[string, unknown]>([
    // Literals and operators.
    ['1 + 2 * 3 == 7', true],
    ['-9223372036854775808 < 0', true],
    ['0x1F + 1', 32],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['-7 % 3', -1],
    ['7.0 / 2.0', 3.5],
    ['1u + 2u == 3u', true],
    ['1 < 1.5', true],
    ['"a" + \'b\'', 'ab'],
    ['r"\\d" == "\\\\d"', true],
    ['"\\u00e9\\x41\\101"', 'éAA'],
    ['b"abc" == bytes("abc")', true],
    ["'''a\nb'''", 'a\nb'],
    ['!!true', true],
    ['!(1 > 2) && true', true],
    ['[1, 2] + [3]', [1, 2, 3]],
    ['{"a": 1}["a"]', 1],
    ['{"a": 1}.a', 1],
    ['true ? 1 : 2', 1],
    ['// a comment\n 1', 1],
    ['2 in [1, 2]', true],
    ['"app" in labels', true],
    ['labels["app"]', 'web'],
    ['"zz" in labels', false],
    // Errors on one side are absorbed when the other side decides.
    ['true || object.missing == 1', true],
    ['object.missing == 1 || true', true],
    ['object.missing == 1 && false', false],
    ['[1, 0].exists(x, 1 / x == 1)', true],
    ['[0, 1].all(x, 1 / x == 2)', false],
    // Objects.
    ['object.metadata.name', 'web-0'],
    ['object.spec.replicas <= 5', true],
    ['object.spec.ratio < 1', true],
    ['has(object.spec.hostNetwork) && !object.spec.hostNetwork', true],
    ['has(object.spec.nodeName)', false],
    ['oldObject == null', true],
    ['object.spec.containers.all(c, c.image.contains(":") || c.name == "b")', true],
    ['object.spec.containers.exists(c, c.image.startsWith("docker.io/"))', true],
    ['object.spec.containers.exists_one(c, has(c.ports))', true],
    ['object.spec.containers.map(c, c.name)', ['a', 'b']],
    ['object.spec.containers.filter(c, c.name == "a").size()', 1],
    ['object.spec.containers.map(c, has(c.ports), c.ports[0].containerPort)', [80]],
    ['size(object.metadata.labels)', 2],
    ['object.metadata.labels.all(k, k.size() < 10)', true],
    ['object.metadata.?annotations["x"].orValue("none")', 'none'],
    ['object.metadata.?labels.app.orValue("none")', 'web'],
    ['object.metadata.labels[?"app"].hasValue()', true],
    ['object.?spec.?replicas.optMap(r, r * 2).orValue(0)', 6],
    ['[?object.?nothing, ?object.metadata.?name]', ['web-0']],
    ['{?"a": object.?nothing, "b": 1}', { b: 1 }],
    ['object.metadata == object.metadata', true],
    // Declared types.
    ['self.size * 2', 10],
    ['self.ratio == 2.0', true],
    ['self.wait > duration("1m")', true],
    ['has(self.tags)', false],
    ['type(self.size) == int', true],
    ['type(text) == string && type([]) == list', true],
    // Text, time, numbers.
    ['size(text)', 12],
    ['text.matches("^Hel+o")', true],
    ['text.endsWith("rld")', true],
    ['since.getFullYear()', 2024],
    ['since.getMonth()', 1],
    ['since.getDate()', 29],
    ['since.getDayOfMonth()', 28],
    ['since.getDayOfYear()', 59],
    ['since.getHours("+02:00")', 14],
    ['since.getMilliseconds()', 500],
    ['since.getHours("America/New_York")', 7],
    ['since + duration("1h") > since', true],
    ['timestamp("2024-03-01T00:00:00Z") - since < duration("12h")', true],
    ['duration("1h30m").getMinutes()', 90],
    ['string(duration("90s"))', '90s'],
    ['string(since)', '2024-02-29T12:30:15.5Z'],
    ['int("12") + int(3.9) + int(true ? 1u : 2u)', 16],
    ['string(1.0) + string(0.25) + string(1e30)', '10.251e+30'],
    ['double("1e3")', 1000],
    // Loops with two variables.
    ['words.all(i, w, i < 3 && w.size() == 1)', true],
    ['words.transformList(i, w, w + string(i))', ['b0', 'a1', 'c2']],
    ['labels.transformMap(k, v, v + "!")', { app: 'web!' }],
    ['labels.transformMapEntry(k, v, {v: k})', { web: 'app' }],
    // Loops within loops keep their variables apart.
    ['[1, 2].map(x, [10, 20].map(x, x + 1)[0] + x)', [12, 13]],
    ['[[1, 2], [3]].all(row, row.all(x, row.exists(y, y == x)))', true],
  ])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  it.each([
    ['object.missing', 'no such key: missing'],
    ['self.tags', 'no such key: tags'],
    ['numbers[9]', 'index out of bounds: 9'],
    ['1 / 0', 'division by zero'],
    ['1 % 0', 'modulus by zero'],
    ['9223372036854775807 + 1', 'return error for overflow'],
    ['object.metadata.name > 1', 'no such overload'],
    ['object.metadata.name && true', 'no such overload'],
    ['text.matches("(?<=a)b")', 'error parsing regexp: invalid named capture'],
    ['timestamp("2023-02-30T00:00:00Z")', "type conversion error from 'string' to 'google.protobuf.Timestamp'"],
    ['{"a": 1, "a": 2}', 'duplicate map key: a'],
  ])('fails at run time: %s', (source, message) => {
    expect(() => evaluate(source)).toThrow(CelRuntimeError);
    expect(() => evaluate(source)).toThrow(message);
  });

  it.each([
    ['nothing', "undeclared reference to 'nothing' (in container '')"],
    ['self.weight', "undefined field 'weight'"],
    ['text.size', "type 'string' does not support field selection"],
    ['text + 1', "found no matching overload for '_+_' applied to '(string, int)'"],
    ['text == 1', "found no matching overload for '_==_' applied to '(string, int)'"],
    ['text.contains(1)', "found no matching overload for 'contains' applied to 'string.(int)'"],
    ['foo(1)', "undeclared reference to 'foo' (in container '')"],
    ['[1, "a"]', "expected type 'int' but found 'string'"],
    [
      'text.all(c, true)',
      "expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['flag ? 1 : "a"', "found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
    ['has(text)', 'invalid argument to has() macro'],
    ['1 +', "Syntax error: mismatched input '<EOF>'"],
    ['a.for.b', "undeclared reference to 'a'"],
    ['for', 'reserved identifier: for'],
    ['"abc', "Syntax error: token recognition error at: '\"abc'"],
    ['9223372036854775808', 'invalid int literal'],
  ])('is refused when compiled: %s', (source, message) => {
    expect(() => compileCel(source, { variables })).toThrow(CelCompileError);
    expect(() => compileCel(source, { variables })).toThrow(message);
  });

  it('marks the place in the source as cel-go does', () => {
    expect(() => compileCel('text +\n  nothing', { variables })).toThrow(
      "ERROR: <input>:2:3: undeclared reference to 'nothing' (in container '')\n |   nothing\n | ..^",
    );
  });

  it('refuses another type of result', () => {
    expect(() => compileCel('1', { variables, resultType: types.bool })).toThrow('must evaluate to bool');
    expect(() => compileCel('object.x', { variables, resultType: types.bool })).toThrow('must evaluate to bool');
    expect(compileCel('true', { variables, resultType: types.bool }).resultType).toEqual(types.bool);
  });

  it('charges evaluations to a shared budget', () => {
    const budget = createCostBudget();
    compileCel('numbers.all(n, n > 0)', { variables }).evaluate(activation, budget);
    expect(budget.spent).toBeGreaterThan(10);
    expect(budget.spent).toBeLessThan(40);
    expect(budget.remaining).toBe(runtimeCostBudget - budget.spent);
  });
});
