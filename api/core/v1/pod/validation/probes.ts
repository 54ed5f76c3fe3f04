/** Probes and lifecycle handlers. */
import { invalidEach, nonNegative, portNumOrName, optionalOneOf } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, required } from '../../../../meta/field-error';
import { isHttpHeaderName } from '../../../../meta/names';
import type { HttpGetAction, Lifecycle, LifecycleHandler, Probe } from '../types';

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

function validateHttpGet(http: HttpGetAction, path: FieldPath): FieldError[] {
  return [
    ...(http.path ? [] : [required(path.child('path'))]),
    ...portNumOrName(path.child('port'), http.port),
    ...optionalOneOf(path.child('scheme'), http.scheme ?? '', ['HTTP', 'HTTPS']),
    ...(http.httpHeaders ?? []).flatMap(({ name }) =>
      invalidEach(path.child('httpHeaders'), name, isHttpHeaderName(name)),
    ),
  ];
}

function validateSleep(seconds: number, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return [];
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
  return [invalid(path, seconds, detail)];
}

/** Exactly one way of asking; a second one is refused by its field. */
function validateHandler(handler: Handler, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const given: [string, (at: FieldPath) => FieldError[]][] = [];
  if (exec) given.push(['exec', (at) => (exec.command?.length ? [] : [required(at.child('command'))])]);
  if (httpGet) given.push(['httpGet', (at) => validateHttpGet(httpGet, at)]);
  if (tcpSocket) given.push(['tcpSocket', (at) => portNumOrName(at.child('port'), tcpSocket.port)]);
  if (grpc) given.push(['grpc', (at) => portNumOrName(at.child('port'), grpc.port)]);
  if (sleep) given.push(['sleep', (at) => validateSleep(sleep.seconds, gracePeriod, at)]);
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return given.flatMap(([name, validate], index) =>
    index === 0
      ? validate(path.child(name))
      : [forbidden(path.child(name), 'may not specify more than 1 handler type')],
  );
}

function validateProbe(probe: Probe, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  const errors = validateHandler(probe, gracePeriod, path);
  const fields = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  for (const field of fields) errors.push(...nonNegative(path.child(field), probe[field]));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
  }
  return errors;
}

interface Probes {
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}

/** Liveness and startup succeed at once; readiness does not end a container. */
export function validateProbes(container: Probes, gracePeriod: number | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
    const probe = container[name];
    if (!probe) continue;
    const at = path.child(name);
    errors.push(...validateProbe(probe, gracePeriod, at));
    if (name === 'readinessProbe') {
      const grace = probe.terminationGracePeriodSeconds;
      if (grace !== undefined) {
        const detail = 'must not be set for readinessProbes';
        errors.push(invalid(at.child('terminationGracePeriodSeconds'), grace, detail));
      }
    } else if (probe.successThreshold !== 1) {
      errors.push(invalid(at.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'));
    }
  }
  return errors;
}

export const validateLifecycle = (
  lifecycle: Lifecycle | undefined,
  gracePeriod: number | undefined,
  path: FieldPath,
): FieldError[] => [
  ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, gracePeriod, path.child('postStart')) : []),
  ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, gracePeriod, path.child('preStop')) : []),
];
