/** Checks of a NetworkPolicy. Upstream: `pkg/apis/networking/validation`. */
import { BlockList, isIP } from 'node:net';
import { at, invalidEach, optionalOneOf, supportedProtocols } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../../meta/field-error';
import { isValidCidr, isValidPortName, isValidPortNum } from '../../../meta/names';
import { validateLabelSelector } from '../../../meta/object-meta';
import type { IpBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '.';

const policyTypes = ['Egress', 'Ingress'];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const path = at('spec');
  const ingress = (spec?.ingress ?? []).map(({ ports, from }) => ({ ports, peers: from }));
  const egress = (spec?.egress ?? []).map(({ ports, to }) => ({ ports, peers: to }));
  const errors = [
    ...validateLabelSelector(spec?.podSelector, path.child('podSelector')),
    ...validateRules(ingress, path.child('ingress'), 'from'),
    ...validateRules(egress, path.child('egress'), 'to'),
  ];
  const types = spec?.policyTypes ?? [];
  const typesPath = path.child('policyTypes');
  if (types.length > 2) return [...errors, invalid(typesPath, types, 'may not specify more than two policyTypes')];
  const unknown = types.flatMap((type, index) =>
    policyTypes.includes(type) ? [] : [notSupported(typesPath.index(index), type, policyTypes)],
  );
  return [...errors, ...unknown];
}

interface Rule {
  ports?: NetworkPolicyPort[];
  peers?: NetworkPolicyPeer[];
}

const validateRules = (rules: Rule[], path: FieldPath, peerField: 'from' | 'to'): FieldError[] =>
  rules.flatMap(({ ports = [], peers = [] }, index) => [
    ...ports.flatMap((port, i) => validatePort(port, path.index(index).child('ports').index(i))),
    ...peers.flatMap((peer, i) => validatePeer(peer, path.index(index).child(peerField).index(i))),
  ]);

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const portPath = path.child('port');
  const endPath = path.child('endPort');
  const errors = optionalOneOf(path.child('protocol'), protocol, supportedProtocols);
  const refuseEnd = (detail: string): FieldError[] =>
    endPort === undefined ? [] : [invalid(endPath, endPort, detail)];
  if (port === undefined) return [...errors, ...refuseEnd('may not be specified when `port` is not specified')];
  if (typeof port === 'string') {
    errors.push(...refuseEnd('may not be specified when `port` is non-numeric'));
    return [...errors, ...invalidEach(portPath, port, isValidPortName(port))];
  }
  errors.push(...invalidEach(portPath, port, isValidPortNum(port)));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalid(endPath, endPort, 'must be greater than or equal to `port`'));
  return [...errors, ...invalidEach(endPath, endPort, isValidPortNum(endPort))];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: FieldPath): FieldError[] {
  if (!podSelector && !namespaceSelector && !ipBlock) return [required(path, 'must specify a peer')];
  const errors = [
    ...validateLabelSelector(podSelector, path.child('podSelector')),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')),
    ...(ipBlock ? validateIpBlock(ipBlock, path.child('ipBlock')) : []),
  ];
  if (!ipBlock || (!podSelector && !namespaceSelector)) return errors;
  return [...errors, forbidden(path, 'may not specify both ipBlock and another peer')];
}

function validateIpBlock({ cidr, except = [] }: IpBlock, path: FieldPath): FieldError[] {
  if (!cidr) return [required(path.child('cidr'))];
  const problems = isValidCidr(cidr);
  if (problems.length) return invalidEach(path.child('cidr'), cidr, problems);
  return except.flatMap((inner, index) => {
    const exceptPath = path.child('except').index(index);
    const messages = isValidCidr(inner);
    if (messages.length) return invalidEach(exceptPath, inner, messages);
    return isStrictSubset(inner, cidr) ? [] : [invalid(exceptPath, inner, 'must be a strict subset of `cidr`')];
  });
}

/** Both are valid. */
function isStrictSubset(inner: string, outer: string): boolean {
  const [innerAddress = '', innerBits] = inner.split('/');
  const [outerAddress = '', outerBits] = outer.split('/');
  const family = isIP(outerAddress) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(innerAddress) !== isIP(outerAddress) || Number(outerBits) >= Number(innerBits)) return false;
  const range = new BlockList();
  range.addSubnet(outerAddress, Number(outerBits), family);
  return range.check(innerAddress, family);
}
