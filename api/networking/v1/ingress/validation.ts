/** Checks of an Ingress. Upstream: `pkg/apis/networking/validation`. */
import { isIP } from 'node:net';
import { at, invalidEach, validIp } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../meta/field-error';
import { isDns1123Subdomain, isWildcardDns1123Subdomain } from '../../../meta/names';
import { validateBackend } from './backend-validation';
import type { Ingress, IngressPath, IngressRule, IngressTls } from './types';

/** What chose the class before `ingressClassName`. */
export const ingressClassAnnotation = 'kubernetes.io/ingress.class';

/** On creation the old way of choosing a class must not contradict the new one. */
export function validateNewIngress(ingress: Ingress): FieldError[] {
  const className = ingress.spec?.ingressClassName;
  const annotation = ingress.metadata?.annotations?.[ingressClassAnnotation];
  const errors = validateIngress(ingress);
  if (className === undefined || annotation === undefined || annotation === className) return errors;
  const detail = 'must match `ingressClassName` when both are specified';
  return [...errors, invalid(at('annotations').child(ingressClassAnnotation), annotation, detail)];
}

export function validateIngress({ spec = {} }: Ingress): FieldError[] {
  const path = at('spec');
  const { rules = [], defaultBackend, tls = [], ingressClassName: className } = spec;
  const errors: FieldError[] = [];
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalid(path, spec.rules, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) errors.push(...validateBackend(defaultBackend, path.child('defaultBackend')));
  rules.forEach((rule, index) => errors.push(...validateRule(rule, path.child('rules').index(index))));
  tls.forEach((entry, index) => errors.push(...validateTls(entry, path.child('tls').index(index))));
  if (className === undefined) return errors;
  return [...errors, ...invalidEach(path.child('ingressClassName'), className, isDns1123Subdomain(className))];
}

/** A name, or a name whose first part is any. */
const validateHost = (host: string, path: FieldPath): FieldError[] =>
  invalidEach(path, host, host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host));

const notAnAddress = (host: string, path: FieldPath): FieldError[] =>
  isIP(host) ? [invalid(path, host, 'must be a DNS name, not an IP address')] : [];

function validateRule({ host, http }: IngressRule, path: FieldPath): FieldError[] {
  const hostPath = path.child('host');
  const errors = host ? [...notAnAddress(host, hostPath), ...validateHost(host, hostPath)] : [];
  if (!http) return errors;
  const pathsPath = path.child('http', 'paths');
  const paths = http.paths ?? [];
  if (paths.length === 0) errors.push(required(pathsPath));
  return [...errors, ...paths.flatMap((one, index) => validatePath(one, pathsPath.index(index)))];
}

const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function validatePath({ path: text = '', pathType, backend }: IngressPath, path: FieldPath): FieldError[] {
  if (pathType === undefined) return [required(path.child('pathType'), 'pathType must be specified')];
  const textPath = path.child('path');
  const errors: FieldError[] = [];
  const isAbsolute = text.startsWith('/');
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!isAbsolute) errors.push(invalid(textPath, text, 'must be an absolute path'));
    const inside = forbiddenSequences.filter((part) => text.includes(part));
    errors.push(...inside.map((part) => invalid(textPath, text, `must not contain '${part}'`)));
    const ends = forbiddenEnds.filter((end) => text.endsWith(end));
    errors.push(...ends.map((end) => invalid(textPath, text, `cannot end with '${end}'`)));
  } else if (pathType !== 'ImplementationSpecific') {
    const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
    errors.push(notSupported(path.child('pathType'), pathType, known));
  } else if (text && !isAbsolute) errors.push(invalid(textPath, text, 'must be an absolute path'));
  return [...errors, ...validateBackend(backend ?? {}, path.child('backend'))];
}

function validateTls({ hosts = [], secretName }: IngressTls, path: FieldPath): FieldError[] {
  const errors = hosts.flatMap((host, index) => validateHost(host, path.child('hosts').index(index)));
  if (!secretName) return errors;
  return [...errors, ...invalidEach(path.child('secretName'), secretName, isDns1123Subdomain(secretName))];
}

export function validateIngressStatus({ status }: Ingress): FieldError[] {
  const path = at('status', 'loadBalancer', 'ingress');
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const hostPath = path.index(index).child('hostname');
    const errors = ip ? validIp(path.index(index).child('ip'), ip) : [];
    if (!hostname) return errors;
    return [
      ...errors,
      ...invalidEach(hostPath, hostname, isDns1123Subdomain(hostname)),
      ...notAnAddress(hostname, hostPath),
    ];
  });
}
