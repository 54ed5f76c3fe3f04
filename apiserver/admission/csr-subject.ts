/**
 * Reads the organizations of a PKCS #10 request: a walk over its DER just deep enough for the subject, which is all that
 * admission needs.
 */
interface Element {
  tag: number;
  value: Buffer;
  rest: Buffer;
}

const organizationOid = '55040a';

function readElement(der: Buffer): Element {
  const tag = der[0];
  let length = der[1];
  if (tag === undefined || length === undefined) throw new Error('truncated DER');
  let start = 2;
  if (length & 0x80) {
    const size = length & 0x7f;
    if (size === 0 || size > 4 || der.length < 2 + size) throw new Error('unsupported DER length');
    length = der.readUIntBE(2, size);
    start += size;
  }
  if (der.length < start + length) throw new Error('truncated DER');
  return { tag, value: der.subarray(start, start + length), rest: der.subarray(start + length) };
}

function* children(der: Buffer): Generator<Element> {
  let rest = der;
  while (rest.length) {
    const element = readElement(rest);
    yield element;
    rest = element.rest;
  }
}

/** `request` is the base64 of a PEM file, as in `spec.request`. Unreadable requests have no organizations: validation refuses them. */
export function subjectOfCsr(request: string): { organizations: string[] } {
  const organizations: string[] = [];
  try {
    const pem = Buffer.from(request, 'base64').toString('latin1');
    const body = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/.exec(pem)?.[1] ?? '';
    const info = readElement(readElement(Buffer.from(body, 'base64')).value).value;
    const [, subject] = [...children(info)];
    for (const set of children(subject!.value)) {
      for (const attribute of children(set.value)) {
        const [oid, value] = [...children(attribute.value)];
        if (oid?.value.toString('hex') === organizationOid && value) organizations.push(decodeString(value));
      }
    }
  } catch {
    return { organizations };
  }
  return { organizations };
}

/** BMPString is UTF-16BE; the others are UTF-8 or subsets of it. */
const decodeString = ({ tag, value }: Element): string =>
  tag === 0x1e && value.length % 2 === 0 ? Buffer.from(value).swap16().toString('utf16le') : value.toString();
