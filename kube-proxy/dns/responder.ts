/** From a query's bytes to an answer's: cluster names from the view, everything else from the host's own name servers. */
import * as packet from 'dns-packet';
import { type DnsRecord, resolveClusterName, resolveReverse, type ServiceView } from './records';

/** Seconds; short, as CoreDNS' kubernetes plugin has it, because endpoints move. */
const ttl = 5;
const headerBytes = 12;
const authoritative = 0x0400;
const recursionAvailable = 0x0080;
const recursionDesired = 0x0100;
const truncated = 0x0200;

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
type Rcode = keyof typeof rcodes;

export type AddressType = 'A' | 'AAAA';
const isAddressType = (type: string): type is AddressType => type === 'A' || type === 'AAAA';

export interface Resolver {
  /** Sends a query's bytes on and gives the answer's. Rejects when no name server answers. */
  forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer>;
  /** The addresses of a name outside the cluster, with the aliases that lead there. */
  lookup(name: string, type: AddressType): Promise<packet.Answer[]>;
}

export interface ResponderOptions {
  domain: string;
  view: ServiceView;
  upstream: Resolver;
}

/** `maxBytes` is the transport's limit; over UDP the client's EDNS size raises it. Undefined: not worth an answer. */
export type Responder = (query: Buffer, transport: 'udp' | 'tcp') => Promise<Buffer | undefined>;

export function createResponder(options: ResponderOptions): Responder {
  const { domain, view, upstream } = options;
  let turn = 0;
  return async (bytes, transport) => {
    let query: packet.DecodedPacket;
    try {
      query = packet.decode(bytes);
    } catch {
      return bytes.length >= 12 ? formatError(bytes) : undefined;
    }
    if (query.type !== 'query') return undefined;
    const [question, ...others] = query.questions ?? [];
    if (!question || others.length) return formatError(bytes);
    if (((query.flags ?? 0) >> 11) & 0xf) return encode(query, 'NOTIMP', nothing, transport, domain);

    const name = question.name.toLowerCase().replace(/\.$/, '');
    const type = question.type as string;
    if (!isWithin(name, domain)) {
      const reverse = type === 'PTR' ? resolveReverse(name, domain, view) : undefined;
      if (reverse) {
        const content = { ...nothing, answers: reverse.records.map(toAnswer) };
        return encode(query, 'NOERROR', content, transport, domain);
      }
      return upstream.forward(bytes, transport).catch(() => encode(query, 'SERVFAIL', nothing, transport, domain));
    }
    const resolution = resolveClusterName(name, type, domain, view);
    if (!resolution) return encode(query, 'NXDOMAIN', nothing, transport, domain);
    const { records, additional = [] } = resolution;
    const isAlias = records[0]?.type === 'CNAME';
    const answers = isAlias ? await withAliases(records, type, options) : records.map(toAnswer);
    const content = { answers: rotated(answers, turn++), additionals: additional.map(toAnswer) };
    return encode(query, 'NOERROR', content, transport, domain);
  };
}

const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

/** Many clients take the first address: each gets its turn, behind the aliases that lead there (CoreDNS' loadbalance). */
function rotated(answers: packet.Answer[], turn: number): packet.Answer[] {
  const addresses = answers.filter(({ type }) => isAddressType(type));
  const first = turn % Math.max(1, addresses.length);
  return [
    ...answers.filter(({ type }) => !isAddressType(type)),
    ...addresses.slice(first),
    ...addresses.slice(0, first),
  ];
}

/** CoreDNS follows as many. */
const maxAliases = 8;

/** An alias comes with the addresses it stands for: those of a cluster name, or what the upstream knows of another. */
async function withAliases(
  records: DnsRecord[],
  type: string,
  { domain, view, upstream }: ResponderOptions,
): Promise<packet.Answer[]> {
  const found = [...records];
  for (let aliases = 1; aliases <= maxAliases; aliases++) {
    const alias = found.at(-1);
    if (alias?.type !== 'CNAME' || type === 'CNAME') break;
    const target = String(alias.data).toLowerCase().replace(/\.$/, '');
    if (!isWithin(target, domain)) {
      const outside = isAddressType(type) ? await upstream.lookup(target, type).catch(() => []) : [];
      return [...found.map(toAnswer), ...outside];
    }
    if (found.some((record) => record.name === target)) break;
    const next = resolveClusterName(target, type, domain, view);
    if (!next?.records.length) break;
    found.push(...next.records);
  }
  return found.map(toAnswer);
}

/** FORMERR with the query's id and nothing else. */
function formatError(bytes: Buffer): Buffer {
  const answer = Buffer.alloc(12);
  bytes.copy(answer, 0, 0, 2);
  answer.writeUInt16BE(0x8000 | rcodes.FORMERR, 2);
  return answer;
}

const toAnswer = (record: DnsRecord): packet.Answer => ({ ...record, ttl, class: 'IN' }) as packet.Answer;

interface Content {
  answers: packet.Answer[];
  additionals: packet.Answer[];
}

const nothing: Content = { answers: [], additionals: [] };

function encode(
  query: packet.DecodedPacket,
  rcode: Rcode,
  { answers, additionals }: Content,
  transport: 'udp' | 'tcp',
  domain: string,
): Buffer {
  const edns = query.additionals?.find(
    (record): record is packet.OptAnswer & packet.BaseAnswer<'OPT', any> => record.type === 'OPT',
  );
  const limit = transport === 'tcp' ? 65_535 : Math.min(Math.max(edns?.udpPayloadSize ?? 512, 512), 4096);
  const isServerFailure = rcode === 'SERVFAIL' || rcode === 'NOTIMP';
  const flags =
    ((query.flags ?? 0) & recursionDesired) |
    recursionAvailable |
    (isServerFailure ? 0 : authoritative) |
    rcodes[rcode];
  const opt = edns
    ? [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 4096,
          flags: 0,
          ednsVersion: 0,
          extendedRcode: 0,
          options: [],
        } as unknown as packet.Answer,
      ]
    : [];
  const base = { type: 'response', id: query.id, questions: query.questions } as const;
  const full = packet.encode({
    ...base,
    flags,
    answers,
    authorities: answers.length || isServerFailure ? [] : [authorityOf(domain)],
    additionals: [...additionals, ...opt],
  });
  if (full.length <= limit) return full;
  const bare = packet.encode({ ...base, flags, answers, additionals: opt });
  if (bare.length <= limit) return bare;
  // Some clients never ask by TCP, and live with what fits.
  const cut = { ...base, flags: flags | truncated, additionals: opt };
  let room = limit - packet.encodingLength(cut);
  const fitting = answers.filter((answer) => {
    room -= packet.encodingLength({ answers: [answer] }) - headerBytes;
    return room >= 0;
  });
  return packet.encode({ ...cut, answers: fitting });
}

/** With it resolvers know how long a "no" is good for. */
const authorityOf = (domain: string): packet.Answer => ({
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
