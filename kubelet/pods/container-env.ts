/** A container's environment, in upstream's order: services, envFrom, env, each overriding what came before. */
import type { ConfigMap } from '../../api/core/v1/configmap';
import type { Container, EnvVar } from '../../api/core/v1/pod';
import type { Secret } from '../../api/core/v1/secret';
import type { Service } from '../../api/core/v1/service';
import { expand } from './expansion';
import { fieldValue, type PodFacts, resourceValue } from './field-ref';

/** A reference cannot be resolved: the container waits with reason CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export interface EnvSources {
  facts: PodFacts;
  /** Undefined when it does not exist. */
  configMap(name: string): Promise<ConfigMap | undefined>;
  secret(name: string): Promise<Secret | undefined>;
  /** Services whose variables the pod gets; empty when it does not want any. */
  services: readonly Service[];
  /** Containers by name, for resourceFieldRef. */
  containers: readonly Container[];
}

export async function containerEnv(container: Container, sources: EnvSources): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  const serviceEnv = serviceVariables(sources.services);
  for (const source of container.envFrom ?? []) {
    const data = await envFromData(source, sources);
    for (const [key, value] of Object.entries(data)) result.set((source.prefix ?? '') + key, value);
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await referencedValue(variable, container, sources)
      : expand(variable.value ?? '', (name) => result.get(name) ?? serviceEnv.get(name));
    if (value !== undefined) result.set(variable.name, value);
  }
  // Services come last, but never override what the pod sets.
  for (const [name, value] of serviceEnv) if (!result.has(name)) result.set(name, value);
  return result;
}

async function envFromData(
  source: NonNullable<Container['envFrom']>[number],
  sources: EnvSources,
): Promise<Record<string, string>> {
  const { namespace } = sources.facts.pod.metadata ?? {};
  if (source.configMapRef) {
    const { name = '', optional } = source.configMapRef;
    const found = await sources.configMap(name);
    if (!found && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
    return found?.data ?? {};
  }
  if (source.secretRef) {
    const { name = '', optional } = source.secretRef;
    const found = await sources.secret(name);
    if (!found && !optional) throw new ContainerConfigError(`secret "${name}" not found`);
    return decode(found);
  }
  throw new ContainerConfigError(`envFrom without a source in namespace ${namespace}`);
}

const decode = (secret: Secret | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secret?.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );

/** Undefined when an optional reference has nothing. */
async function referencedValue(
  variable: EnvVar,
  container: Container,
  sources: EnvSources,
): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  const { namespace } = sources.facts.pod.metadata ?? {};
  if (fieldRef) return fieldValue(sources.facts, fieldRef.fieldPath);
  if (resourceFieldRef) {
    const target = sources.containers.find(({ name }) => name === resourceFieldRef.containerName) ?? container;
    return resourceValue(sources.facts, target, resourceFieldRef.resource, resourceFieldRef.divisor);
  }
  if (configMapKeyRef) {
    const { name = '', key, optional } = configMapKeyRef;
    const found = await sources.configMap(name);
    const value = found?.data?.[key];
    if (value !== undefined || optional) return value;
    if (!found) throw new ContainerConfigError(`configmap "${name}" not found`);
    throw new ContainerConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (secretKeyRef) {
    const { name = '', key, optional } = secretKeyRef;
    const found = await sources.secret(name);
    const value = decode(found)[key];
    if (value !== undefined || optional) return value;
    if (!found) throw new ContainerConfigError(`secret "${name}" not found`);
    throw new ContainerConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
  }
  return undefined;
}

/** `WEB_SERVICE_HOST`, `WEB_PORT_80_TCP_ADDR` and so on, as Docker links had them (pkg/kubelet/envvars). */
export function serviceVariables(services: readonly Service[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const service of services) {
    const address = service.spec?.clusterIP;
    const [first] = service.spec?.ports ?? [];
    if (!address || address === 'None' || !first) continue;
    const name = variableName(service.metadata?.name ?? '');
    result.set(`${name}_SERVICE_HOST`, address);
    result.set(`${name}_SERVICE_PORT`, String(first.port));
    for (const port of service.spec?.ports ?? []) {
      if (port.name) result.set(`${name}_SERVICE_PORT_${variableName(port.name)}`, String(port.port));
    }
    const url = (port: typeof first): string =>
      `${(port.protocol ?? 'TCP').toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${port.port}`;
    result.set(`${name}_PORT`, url(first));
    for (const port of service.spec?.ports ?? []) {
      const protocol = port.protocol ?? 'TCP';
      const prefix = `${name}_PORT_${port.port}_${protocol}`;
      result.set(prefix, url(port));
      result.set(`${prefix}_PROTO`, protocol.toLowerCase());
      result.set(`${prefix}_PORT`, String(port.port));
      result.set(`${prefix}_ADDR`, address);
    }
  }
  return result;
}

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
