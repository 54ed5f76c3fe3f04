/** From a query's bytes to an answer's: cluster names from the view, everything else from the host's own name servers. */
import * as packet from 'dns-packet';
import { authorityOf, encodeAnswer, encodeFailure, nothing, type Transport, ttl } from './encode';
import { type DnsRecord, resolveClusterName, resolveReverse, type ServiceView } from './records';

export type AddressType = 'A' | 'AAAA';
const isAddressType = (type: string): type is AddressType => type === 'A' || type === 'AAAA';

export interface Resolver {
  /** Sends a query's bytes on and gives the answer's. Rejects when no name server answers. */
  forward(query: Buffer, transport: Transport): Promise<Buffer>;
  /** The addresses of a name outside the cluster, with the aliases that lead there. */
  lookup(name: string, type: AddressType): Promise<packet.Answer[]>;
}

export interface ResponderOptions {
  domain: string;
  view: ServiceView;
  upstream: Resolver;
}

/** Undefined: not worth an answer. */
export type Responder = (query: Buffer, transport: Transport) => Promise<Buffer | undefined>;

export function createResponder(options: ResponderOptions): Responder {
  const { domain, view, upstream } = options;
  let turn = 0;

  async function answer(bytes: Buffer, transport: Transport): Promise<Buffer | undefined> {
    let query: packet.DecodedPacket;
    try {
      query = packet.decode(bytes);
    } catch {
      return bytes.length >= 12 ? encodeFailure(bytes, 'FORMERR') : undefined;
    }
    if (query.type !== 'query') return undefined;
    const [question, ...others] = query.questions ?? [];
    if (!question || others.length || hasEmptyLabel(question.name)) return encodeFailure(bytes, 'FORMERR');
    if (((query.flags ?? 0) >> 11) & 0xf) return encodeAnswer(query, 'NOTIMP', nothing, transport, domain);

    const name = question.name.toLowerCase().replace(/\.$/, '');
    const type = question.type as string;
    if (!isWithin(name, domain)) {
      const reverse = type === 'PTR' ? resolveReverse(name, domain, view) : undefined;
      if (reverse) {
        const content = { ...nothing, answers: reverse.records.map(toAnswer) };
        return encodeAnswer(query, 'NOERROR', content, transport, domain);
      }
      return upstream
        .forward(bytes, transport)
        .catch(() => encodeAnswer(query, 'SERVFAIL', nothing, transport, domain));
    }
    if (type === 'SOA' && name === domain) {
      return encodeAnswer(query, 'NOERROR', { ...nothing, answers: [authorityOf(domain)] }, transport, domain);
    }
    const resolution = resolveClusterName(name, type, domain, view);
    if (!resolution) return encodeAnswer(query, 'NXDOMAIN', nothing, transport, domain);
    const { records, additional = [] } = resolution;
    const isAlias = records[0]?.type === 'CNAME';
    const answers = isAlias ? await withAliases(records, type, options) : records.map(toAnswer);
    const content = { answers: rotated(answers, turn++), additionals: additional.map(toAnswer) };
    return encodeAnswer(query, 'NOERROR', content, transport, domain);
  }

  // What clients and name servers send may be nothing that can be encoded.
  return (bytes, transport) => answer(bytes, transport).catch(() => encodeFailure(bytes, 'SERVFAIL'));
}

/** One that has a dot within, which no name of ours has. */
const hasEmptyLabel = (name: string): boolean => name !== '.' && name.split('.').includes('');

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

const toAnswer = (record: DnsRecord): packet.Answer => ({ ...record, ttl, class: 'IN' }) as packet.Answer;
