import { canonicalElement, printPath } from '../../../../../apiserver/patch/apply/path-element';

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
