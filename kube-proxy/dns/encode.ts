/** Answers as bytes: flags, the size that the client takes, and what is left out to keep within it. */
import * as packet from 'dns-packet';

/** Seconds; short, as CoreDNS' kubernetes plugin has it, because endpoints move. */
export const ttl = 5;
const headerBytes = 12;
const authoritative = 0x0400;
const recursionAvailable = 0x0080;
const recursionDesired = 0x0100;
const truncated = 0x0200;

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof rcodes;
export type Transport = 'udp' | 'tcp';

export interface Content {
  answers: packet.Answer[];
  additionals: packet.Answer[];
}

export const nothing: Content = { answers: [], additionals: [] };

const edns = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  flags: 0,
  ednsVersion: 0,
  extendedRcode: 0,
  options: [],
} as unknown as packet.Answer;

/** The query's id and nothing else. */
export function encodeFailure(query: Buffer, rcode: Rcode): Buffer {
  const answer = Buffer.alloc(headerBytes);
  query.copy(answer, 0, 0, 2);
  answer.writeUInt16BE(0x8000 | rcodes[rcode], 2);
  return answer;
}

/** For a query with one question. */
export function encodeAnswer(
  query: packet.DecodedPacket,
  rcode: Rcode,
  { answers, additionals }: Content,
  transport: Transport,
  domain: string,
): Buffer {
  const asked = query.additionals?.find(
    (record): record is packet.OptAnswer & packet.BaseAnswer<'OPT', any> => record.type === 'OPT',
  );
  const limit = transport === 'tcp' ? 65_535 : Math.min(Math.max(asked?.udpPayloadSize ?? 512, 512), 4096);
  const isServerFailure = rcode === 'SERVFAIL' || rcode === 'NOTIMP';
  const flags =
    ((query.flags ?? 0) & recursionDesired) |
    recursionAvailable |
    (isServerFailure ? 0 : authoritative) |
    rcodes[rcode];
  const opt = asked ? [edns] : [];
  const base = { type: 'response', id: query.id, questions: query.questions } as const;
  const full = compress(
    packet.encode({
      ...base,
      flags,
      answers,
      authorities: answers.length || isServerFailure ? [] : [authorityOf(domain)],
      additionals: [...additionals, ...opt],
    }),
  );
  if (full.length <= limit) return full;
  const bare = compress(packet.encode({ ...base, flags, answers, additionals: opt }));
  if (bare.length <= limit) return bare;
  // Some clients never ask by TCP, and live with what fits.
  const cut = { ...base, flags: flags | truncated, additionals: opt };
  const name = query.questions?.[0]?.name ?? '';
  let room = limit - packet.encodingLength(cut);
  const fitting = answers.filter((answer) => (room -= compressedLength(answer, name)) >= 0);
  return compress(packet.encode({ ...cut, answers: fitting }));
}

/** Of a record behind a question for `name`. */
function compressedLength(answer: packet.Answer, name: string): number {
  const length = packet.encodingLength({ answers: [answer] }) - headerBytes;
  return answer.name.toLowerCase() === name.toLowerCase() ? length - name.length : length;
}

/** Each record's name that is the question's becomes a pointer to that (RFC 1035, 4.1.4): an address takes 16 bytes. */
function compress(message: Buffer): Buffer {
  const nameAt = (start: number): string => {
    let end = start;
    while (message[end]) end += message[end]! + 1;
    return message.toString('latin1', start, end + 1).toLowerCase();
  };
  const question = nameAt(headerBytes);
  const pointer = Buffer.from([0xc0, headerBytes]);
  let offset = headerBytes + question.length + 4;
  const parts = [message.subarray(0, offset)];
  while (offset < message.length) {
    const name = nameAt(offset);
    const rest = offset + name.length;
    const end = rest + 10 + message.readUInt16BE(rest + 8);
    const isRepeated = name === question && name.length > pointer.length;
    parts.push(isRepeated ? pointer : message.subarray(offset, rest), message.subarray(rest, end));
    offset = end;
  }
  return Buffer.concat(parts);
}

/** With it resolvers know how long a "no" is good for. */
export const authorityOf = (domain: string): packet.Answer => ({
  name: domain,
  type: 'SOA',
  ttl,
  class: 'IN',
  data: {
    mname: `ns.dns.${domain}`,
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  },
});
