/** Reads --admission-control-config-file: the configurations of single plugins. Upstream: apiserver `pkg/admission/config.go`. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

interface AdmissionConfiguration {
  apiVersion?: string;
  kind?: string;
  plugins?: { name?: string; path?: string; configuration?: unknown }[];
}

/** The parsed configuration of each plugin that has one, by the plugin's name. */
export type PluginConfigurations = ReadonlyMap<string, unknown>;

/** Paths in the file are relative to it. Throws with one sentence when a file cannot be read or is none. */
export function readAdmissionConfiguration(path: string): PluginConfigurations {
  if (!path) return new Map();
  const { apiVersion, kind, plugins = [] } = (readYaml(path) ?? {}) as AdmissionConfiguration;
  if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'AdmissionConfiguration') {
    throw new Error(
      `--admission-control-config-file: ${path} must be of apiVersion apiserver.config.k8s.io/v1 and kind AdmissionConfiguration`,
    );
  }
  return new Map(
    plugins.map((plugin): [string, unknown] => [
      plugin.name ?? '',
      plugin.configuration ?? (plugin.path ? readYaml(resolve(dirname(path), plugin.path)) : undefined),
    ]),
  );
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8')) as unknown;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--admission-control-config-file: cannot read ${path}: ${why}`, { cause });
  }
}
