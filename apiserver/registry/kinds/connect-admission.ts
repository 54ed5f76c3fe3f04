/**
 * Asks admission about subresources that have an answer of their own: before a stream or a proxy is connected, with the options of
 * the query as the object, and about bodies. Upstream: `ConnectResource` in apiserver `pkg/endpoints/handlers/rest.go`.
 */
import type { KubeObject } from '../../../api/meta/types';
import type { Admission, AdmissionAttributes } from '../../admission/admission';
import type { ConnectHandler, ConnectRequest } from '../connect';

type OptionKind = 'flag' | 'text' | 'list' | 'numbers';

const streams: Record<string, OptionKind> = {
  stdin: 'flag',
  stdout: 'flag',
  stderr: 'flag',
  tty: 'flag',
  container: 'text',
};
const optionsOf: Partial<Record<string, Record<string, OptionKind>>> = {
  PodExecOptions: { ...streams, command: 'list' },
  PodAttachOptions: streams,
  PodPortForwardOptions: { ports: 'numbers' },
};

/** The options object of a connect: `{ kind: 'PodExecOptions', stdin: true, command: ['sh'] }`. What is not asked for is left out. */
export function connectOptions(kind: string, query: URLSearchParams, path: string): Record<string, unknown> {
  const header = { apiVersion: 'v1', kind };
  const kinds = optionsOf[kind];
  if (!kinds) return { ...header, ...(path && { path }) };
  const values = Object.entries(kinds).flatMap(([name, type]): [string, unknown][] => {
    const given = query.getAll(name);
    const first = given[0];
    if (!first) return [];
    if (type === 'flag') return first === 'true' || first === '1' ? [[name, true]] : [];
    if (type === 'text') return [[name, first]];
    return [[name, type === 'list' ? given : given.flatMap((text) => text.split(',')).map(Number)]];
  });
  return { ...header, ...Object.fromEntries(values) };
}

function attributesOf({ definition, namespace, name, subresource, context, query, path }: ConnectRequest) {
  const kind = definition.subresources?.connect?.[subresource]?.kind ?? '';
  const object = connectOptions(kind, query, path);
  const attributes: AdmissionAttributes = {
    operation: 'CONNECT',
    definition,
    subresource,
    namespace,
    name,
    object,
    context,
  };
  return attributes;
}

/** The handler, once admission has nothing against it. */
export const admitted =
  (admission: Admission, handler: ConnectHandler): ConnectHandler =>
  async (request) => {
    const attributes = attributesOf(request);
    await admission.admit(attributes);
    await admission.validate(attributes);
    return handler(request);
  };

/** Asks admission about the body of a subresource that is created with one: a binding, an eviction, a token request. */
export async function admitBody(
  admission: Admission,
  about: Pick<AdmissionAttributes, 'definition' | 'subresource' | 'namespace' | 'name' | 'context'>,
  object: KubeObject,
): Promise<void> {
  const attributes: AdmissionAttributes = { ...about, operation: 'CREATE', object };
  await admission.admit(attributes);
  await admission.validate(attributes);
}
