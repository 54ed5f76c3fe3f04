import {
  canonicalElement,
  keyElement,
  printPath,
  sortElements,
  valueElement,
} from '../../../../../apiserver/patch/apply/path-element';

describe('path elements', () => {
  it.each([
    ['f:spec', 'f:spec'],
    ['v:"x"', 'v:"x"'],
    ['v: 1', 'v:1'],
    ['i:3', 'i:3'],
    ['k:{"protocol":"TCP","port":80}', 'k:{"port":80,"protocol":"TCP"}'],
  ])('are written in one way: %s', (given, written) => expect(canonicalElement(given)).toBe(written));

  it.each(['spec', 'x:y', 'k:[]', 'k:{}', 'k:{"a":{}}', 'k:"a"', 'v:', 'i:x', ''])('refuse %s', (element) =>
    expect(() => canonicalElement(element)).toThrow(/./),
  );

  it('are printed as upstream prints them', () => {
    expect(
      printPath(['f:spec', 'f:containers', 'k:{"name":"web"}', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}']),
    ).toBe('.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]');
    expect(printPath(['f:metadata', 'f:finalizers', 'v:"a/b"'])).toBe('.metadata.finalizers[="a/b"]');
    expect(printPath(['f:rules', 'i:2'])).toBe('.rules[2]');
  });
});

describe('the order of elements', () => {
  const ports = (...numbers: number[]): string[] =>
    numbers.map((port) =>
      keyElement([
        ['containerPort', port],
        ['protocol', 'TCP'],
      ]),
    );
  const named = (...names: string[]): string[] => names.map((name) => keyElement([['name', name]]));

  it.each([
    ['names', ['f:b', '.', 'f:a', 'f:ab'], ['.', 'f:a', 'f:ab', 'f:b']],
    ['keys that are text', named('b-1', 'b', 'a"', 'b10', 'b9'), named('a"', 'b', 'b-1', 'b10', 'b9')],
    ['keys that are numbers', ports(8080, 443, 9), ports(9, 443, 8080)],
    ['values', ['b', 'a:1', 'a'].map(valueElement), ['a', 'a:1', 'b'].map(valueElement)],
    ['numbers', [10, 9, -1].map(valueElement), [-1, 9, 10].map(valueElement)],
  ])('is that of %s', (_what, elements, sorted) => expect(sortElements(elements)).toEqual(sorted));

  it('is left alone where it is right', () => {
    const elements = named('a', 'b');
    expect(sortElements(elements)).toBe(elements);
  });
});
